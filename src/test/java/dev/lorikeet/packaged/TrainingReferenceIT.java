package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import dev.lorikeet.model.Fixtures;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Jobs over HTTP against what `peft` and `transformers` compute from the same messages (`training-api.json`): every family, float32, from
/// the adapter `lora/start`.
class TrainingReferenceIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private PackagedServer server;

    @TempDir
    Path folder;

    static List<String> families() {
        return Fixtures.families();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @ParameterizedTest
    @MethodSource("families")
    void theLossesOfAJobAreThoseOfPeft(String family) throws Exception {
        var reference = Fixtures.json(Fixtures.folder(family).resolve("lora/training-api.json"));
        var start = Fixtures.folder(family).resolve("lora/start").toAbsolutePath();
        server = PackagedServer.start(Fixtures.folder(family), "--dtype", "float32", "--adapter", "start=" + start);
        String job = create("start", reference);
        var losses = new ArrayList<Double>();
        var norms = new ArrayList<Double>();
        for (var data : metrics(job)) {
            losses.add(data.get("train_loss").doubleValue());
            norms.add(data.get("grad_norm").doubleValue());
        }
        var ended = server.get("/v1/fine_tuning/jobs/" + job).body();
        assertThat(ended.get("status").textValue()).as(ended.toString()).isEqualTo("succeeded");
        assertThat(ended.get("trained_tokens").longValue()).isEqualTo(8 * reference.get("learned_tokens").longValue());
        assertThat(losses).hasSameSizeAs(reference.get("losses"));
        for (int step = 0; step < losses.size(); step++) {
            assertThat(losses.get(step)).as("%s: loss of step %d", family, step + 1).isCloseTo(reference.get("losses").get(step).doubleValue(), within(1e-4));
            assertThat(norms.get(step)).as("%s: gradient norm of step %d", family, step + 1)
                    .isCloseTo(reference.get("grad_norms_before_clip").get(step).doubleValue(), within(1e-3));
        }
    }

    private String create(String adapter, JsonNode reference) throws Exception {
        var rows = new ArrayList<String>();
        reference.get("rows").forEach(row -> rows.add(row.toString()));
        var file = Files.write(folder.resolve("rows.jsonl"), rows);
        var client = OpenAIOkHttpClient.builder().baseUrl(server.uri("/v1").toString()).apiKey("none").maxRetries(0).build();
        var request = JSON.createObjectNode().put("model", adapter)
                .put("training_file", client.files().create(FileCreateParams.builder().purpose(FilePurpose.FINE_TUNE).file(file).build()).id());
        request.set("lorikeet", reference.get("recipe"));
        var answer = server.post("/v1/fine_tuning/jobs", request.toString());
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return answer.body().get("id").textValue();
    }

    /// What the job tells of its steps, read to the end of the live events.
    private List<JsonNode> metrics(String job) throws Exception {
        var metrics = new ArrayList<JsonNode>();
        var url = server.uri("/v1/fine_tuning/jobs/" + job + "/events?stream=true").toURL();
        try (var in = new BufferedReader(new InputStreamReader(url.openStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null && !line.equals("data: [DONE]"); line = in.readLine()) {
                if (line.startsWith("data: {") && JSON.readTree(line.substring(6)).path("data").has("train_loss")) {
                    metrics.add(JSON.readTree(line.substring(6)).get("data"));
                }
            }
        }
        return metrics;
    }
}
