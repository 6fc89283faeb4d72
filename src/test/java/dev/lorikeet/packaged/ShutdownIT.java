package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A server that is asked to stop: what runs ends, nothing new begins, the running job is kept.
class ShutdownIT {
    private static final String LONG = "{\"model\": \"demo\", \"prompt\": \"a\", \"max_tokens\": 500, \"ignore_eos\": true, \"stream\": true, \"n\": 4}";

    private static BufferedReader stream(PackagedServer server) throws Exception {
        var connection = (HttpURLConnection) server.uri("/v1/completions").toURL().openConnection();
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setDoOutput(true);
        connection.getOutputStream().write(LONG.getBytes(StandardCharsets.UTF_8));
        return new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
    }

    @Test
    void aStreamThatRunsComesToItsEndWhileNewRequestsAreRefusedAndTheProbesSaySo() throws Exception {
        var server = PackagedServer.start(PackagedServer.DEMO, "--grace", "1m");
        try (var lines = stream(server)) {
            assertThat(lines.readLine()).startsWith("data: {\"id\"");
            server.end();
            int ready = server.get("/q/health/ready").status();
            while (ready == 200) {
                ready = server.get("/q/health/ready").status();
            }
            assertThat(ready).isEqualTo(503);
            assertThat(server.get("/q/health/live").status()).isEqualTo(200);
            assertThat(server.get("/q/health/started").status()).isEqualTo(200);
            var refused = server.post("/v1/completions", LONG);
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.error()).isEqualTo("The server is shutting down.");
            assertThat(server.get("/health").status()).isEqualTo(503);
            List<String> data = lines.lines().filter(line -> line.startsWith("data: ")).toList();
            assertThat(data).endsWith("data: [DONE]");
            assertThat(data).filteredOn(line -> line.contains("\"finish_reason\":\"length\"")).hasSize(4);
        }
        assertThat(server.awaitEnd()).isEqualTo(143);
        server.close();
    }

    /// The checkpoint that is written is of the step that was done, however far apart those are for which the job asks.
    @Test
    void theRunningJobWritesACheckpointAndGoesOnFromItInTheNextServer() throws Exception {
        var server = PackagedServer.start(PackagedServer.DEMO);
        var jobs = new TrainingJobs(server);
        String id = jobs.create("demo", jobs.upload(), "\"seed\": 5, \"lorikeet\": {\"r\": 4, \"max_steps\": 30, \"save_strategy\": \"no\", \"per_device_train_batch_size\": 2}");
        jobs.follow(id, "Step 5/30");
        server.end();
        assertThat(server.awaitEnd()).isEqualTo(143);
        try (var next = PackagedServer.start(Map.of(), server.data(), PackagedServer.DEMO)) {
            var after = new TrainingJobs(next);
            assertThat(after.ended(id).get("status").textValue()).isEqualTo("succeeded");
            assertThat(after.events(id)).extracting(event -> event.get("message").textValue())
                    .contains("The job was interrupted after a checkpoint and is queued")
                    .anyMatch(message -> message.matches("Training goes on from the checkpoint of step ([5-9]|[12]\\d) of 30"));
        }
    }
}
