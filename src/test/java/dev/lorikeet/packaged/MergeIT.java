package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Merging over HTTP, beside the server that goes on serving.
class MergeIT {
    private static final Path BASE = Path.of("src/test/resources/fixtures/llama");
    private static final String ROUTE = "/v1/adapters/merge";

    private static PackagedServer server;

    @BeforeAll
    static void start() throws Exception {
        server = PackagedServer.start(BASE);
        var adapter = Files.createDirectory(server.adapters().resolve("mine"));
        for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Files.copy(BASE.resolve("lora/end").resolve(name), adapter.resolve(name));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static JsonNode ended(String id) throws Exception {
        while (true) {
            var job = server.get(ROUTE + "/" + id).body();
            if (!job.get("status").textValue().matches("queued|running")) {
                return job;
            }
        }
    }

    @Test
    void aMergedModelCanBeLoadedAndAnswers() throws Exception {
        var started = server.post(ROUTE, "{\"lora_path\": \"mine\", \"out\": \"llama-mine\"}");
        assertThat(started.status()).isEqualTo(202);
        var job = ended(started.body().get("id").textValue());
        assertThat(job.get("status").textValue()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.at("/result/changed_tensors").intValue()).isEqualTo(14);
        assertThat(job.at("/result/difference").doubleValue()).isLessThan(job.at("/result/tolerance").doubleValue());
        assertThat(server.get(ROUTE).body().get("data")).isNotEmpty();
        assertThat(server.post("/models/load", "{\"model\": \"llama-mine\"}").status()).isEqualTo(200);
        var answer = server.post(ROUTE, "{\"lora_path\": \"mine\", \"out\": \"llama-mine\"}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error()).contains("llama-mine");
    }

    @Test
    void aFailureSaysWhyAndLeavesNothing() throws Exception {
        Files.createDirectory(server.adapters().resolve("empty"));
        var job = ended(server.post(ROUTE, "{\"lora_path\": \"empty\", \"out\": \"broken\"}").body().get("id").textValue());
        assertThat(job.get("status").textValue()).isEqualTo("failed");
        assertThat(job.get("error").textValue()).contains("adapter_config.json");
        try (var files = Files.list(server.models())) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.contains("broken"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"'lora_path': 'mine', 'out': '../out' | 400 | out", "'lora_path': 'mine', 'out': '/tmp/out' | 400 | out",
        "'lora_path': 'mine', 'out': 'llama' | 400 | out", "'lora_path': '../../etc', 'out': 'x' | 404 | adapter roots", "'adapter': 'nobody', 'out': 'x' | 404 | adapter",
        "'out': 'x' | 400 | adapter", "'lora_path': 'mine' | 400 | out", "'lora_path': 'mine', 'model': 'nobody', 'out': 'x' | 400 | model",
        "'lora_path': 'mine', 'out': 'x', 'shard_size': 0 | 400 | shard_size"}, quoteCharacter = '~')
    void whatIsWrongIsNamed(String fields, int status, String named) throws Exception {
        var answer = server.post(ROUTE, "{" + fields.strip().replace('\'', '"') + "}");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.body().at("/error").toString()).contains(named);
    }

    @Test
    void theNextServerRemovesWhatAKilledMergeLeftButNotWhatIsBeingWritten(@TempDir Path data) throws Exception {
        var left = Files.createDirectories(data.resolve("models/.left.partial-1"));
        var weights = Files.writeString(left.resolve("model.safetensors"), "half");
        var young = Files.createDirectories(data.resolve("models/.young.partial-2"));
        for (var path : List.of(weights, left)) {
            Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        }
        try (var next = PackagedServer.start(Map.of(), data, BASE)) {
            assertThat(left).doesNotExist();
            assertThat(young).exists();
            assertThat(next.log()).contains(left.toString());
        }
    }

    @Test
    void aMergeThatNobodyKnowsIsNotFound() throws Exception {
        assertThat(server.get(ROUTE + "/merge-0").status()).isEqualTo(404);
    }
}
