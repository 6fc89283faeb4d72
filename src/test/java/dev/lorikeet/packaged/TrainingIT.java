package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.JobCreateParams;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Training as a user does it: upload, job, live events, calling the result; and through a kill.
class TrainingIT {
    private static final String OPTIONS = "\"seed\": 5, \"lorikeet\": {\"r\": 4, \"max_steps\": 12, \"save_strategy\": \"steps\", \"save_steps\": 3, "
            + "\"per_device_train_batch_size\": 2, \"learning_rate\": 0.01, \"lora_dropout\": 0.1, \"target_modules\": \"all-linear\"}";
    private static final Path ROWS = Path.of("examples/gemma-instructions/rows.jsonl");

    static String upload(PackagedServer server) {
        return upload(server, ROWS);
    }

    static String upload(PackagedServer server, Path rows) {
        return client(server).files().create(FileCreateParams.builder().purpose(FilePurpose.FINE_TUNE).file(rows).build()).id();
    }

    private static OpenAIClient client(PackagedServer server) {
        return OpenAIOkHttpClient.builder().baseUrl(server.uri("/v1").toString()).apiKey("none").maxRetries(0).build();
    }

    private static String create(PackagedServer server) throws Exception {
        var answer = server.post("/v1/fine_tuning/jobs", "{\"model\": \"demo\", \"training_file\": \"" + upload(server) + "\", " + OPTIONS + "}");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return answer.body().get("id").textValue();
    }

    /// Live events until one has these words, or to the end.
    static List<JsonNode> follow(PackagedServer server, String job, String until) throws Exception {
        var events = new ArrayList<JsonNode>();
        var url = server.uri("/v1/fine_tuning/jobs/" + job + "/events?stream=true").toURL();
        try (var in = new BufferedReader(new InputStreamReader(url.openStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null && !line.equals("data: [DONE]"); line = in.readLine()) {
                if (line.startsWith("data: {")) {
                    events.add(new ObjectMapper().readTree(line.substring(6)));
                    if (events.getLast().get("message").textValue().contains(until)) {
                        break;
                    }
                }
            }
        }
        return events;
    }

    private static TreeMap<Integer, Double> losses(List<JsonNode> events) {
        var losses = new TreeMap<Integer, Double>();
        events.stream().map(event -> event.get("data")).filter(data -> data.has("train_loss"))
                .forEach(data -> losses.put(data.get("step").intValue(), data.get("train_loss").doubleValue()));
        return losses;
    }

    @Test
    void aJobIsWatchedAndItsCheckpointsAndResultAnswerAtOnce() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            String id = create(server);
            follow(server, id, "Checkpoint created at step 3");
            assertThat(server.chat(id + ":ckpt-step-3")).isNotNull();
            follow(server, id, "no such words");
            var job = server.get("/v1/fine_tuning/jobs/" + id).body();
            assertThat(job.get("status").textValue()).as(job.toString()).isEqualTo("succeeded");
            String model = job.get("fine_tuned_model").textValue();
            assertThat(model).matches("ft:demo:::[0-9A-Za-z]{8}");
            assertThat(server.chat(model)).isNotEqualTo(server.chat("demo"));
            assertThat(server.get("/v1/models").body().toString()).contains(model, id + ":ckpt-step-12");
            var lastSteps = losses(follow(server, id, "no such words"));
            assertThat(lastSteps).hasSize(12);
            assertThat(lastSteps.get(12)).isLessThan(lastSteps.get(1));
        }
    }

    @Test
    void aJobThatWasKilledGoesOnByItselfAndEndsAsOneThatWasNot() throws Exception {
        TreeMap<Integer, Double> whole;
        byte[] adapter;
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            String id = create(server);
            whole = losses(follow(server, id, "no such words"));
            adapter = Files.readAllBytes(server.data().resolve("jobs").resolve(id).resolve("output/adapter_model.safetensors"));
        }
        var killed = PackagedServer.start(PackagedServer.DEMO);
        String id = create(killed);
        follow(killed, id, "Step 5/12");
        Path data = killed.kill();
        try (var server = PackagedServer.start(Map.of(), data, PackagedServer.DEMO)) {
            var events = follow(server, id, "no such words");
            assertThat(server.get("/v1/fine_tuning/jobs/" + id).body().get("status").textValue()).isEqualTo("succeeded");
            assertThat(events).extracting(event -> event.get("message").textValue()).anyMatch(message -> message.contains("the job goes on from its newest checkpoint"))
                    .anyMatch(message -> message.startsWith("Training goes on from the checkpoint of step "));
            assertThat(losses(events)).isEqualTo(whole);
            assertThat(server.data().resolve("jobs").resolve(id).resolve("output/adapter_model.safetensors")).hasBinaryContent(adapter);
        }
    }

    @Test
    void openAisJavaClientUploadsStartsListsAndCancels() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            var client = client(server);
            String file = upload(server);
            assertThat(client.files().retrieve(file).filename()).isEqualTo("rows.jsonl");
            var job = client.fineTuning().jobs().create(JobCreateParams.builder().model("demo").trainingFile(file).suffix("java").seed(3)
                    .method(JobCreateParams.Method.builder().type(JobCreateParams.Method.Type.SUPERVISED).build()).build());
            assertThat(job.status()).isIn(FineTuningJob.Status.VALIDATING_FILES, FineTuningJob.Status.QUEUED, FineTuningJob.Status.RUNNING);
            assertThat(client.fineTuning().jobs().list().data()).extracting(FineTuningJob::id).containsExactly(job.id());
            assertThat(client.fineTuning().jobs().cancel(job.id()).status()).isEqualTo(FineTuningJob.Status.CANCELLED);
            assertThat(client.fineTuning().jobs().listEvents(job.id()).data().getFirst().message()).contains("cancelled");
            assertThat(client.files().delete(file).deleted()).isTrue();
        }
    }
}
