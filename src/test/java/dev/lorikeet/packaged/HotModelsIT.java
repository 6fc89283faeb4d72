package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Base models that come and go while the server runs.
@Timeout(120)
class HotModelsIT {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static PackagedServer server;
    private static Path outside;

    @BeforeAll
    static void start() throws Exception {
        server = PackagedServer.start(PackagedServer.DEMO);
        outside = Files.createTempDirectory("lorikeet-outside");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        try (var files = Files.walk(outside)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @AfterEach
    void theServerGoesOnServing() throws Exception {
        assertThat(server.chat("demo")).isEqualTo("안녕하세요.");
    }

    /// `GET /models/sse`, subscribed once the constructor returns.
    private static final class Events implements AutoCloseable {
        private final BufferedReader lines;

        Events() throws IOException {
            var connection = server.uri("/models/sse").toURL().openConnection();
            connection.setReadTimeout(60_000);
            lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8));
            assertThat(lines.readLine()).startsWith(":");
        }

        /// What happens to a model until it comes to one of these states.
        List<JsonNode> until(String model, String... last) throws IOException {
            var events = new ArrayList<JsonNode>();
            while (true) {
                String line = lines.readLine();
                assertThat(line).isNotNull();
                if (line.startsWith("data: ")) {
                    var event = new ObjectMapper().readTree(line.substring(6));
                    if (event.get("model").textValue().equals(model)) {
                        events.add(event);
                        if (List.of(last).contains(status(event))) {
                            return events;
                        }
                    }
                }
            }
        }

        static String status(JsonNode event) {
            return event.at("/data/status").textValue();
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    private static Path copy(String family, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(FIXTURES.resolve(family))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return to;
    }

    private static PackagedServer.Answer load(String model) throws Exception {
        return server.post("/models/load", new ObjectMapper().createObjectNode().put("model", model).toString());
    }

    private static PackagedServer.Answer unload(String model) throws Exception {
        return server.post("/models/unload", "{\"model\": \"" + model + "\"}");
    }

    private static String state(String model) throws Exception {
        return StreamSupport.stream(server.get("/models").body().get("data").spliterator(), false).filter(entry -> entry.get("id").textValue().equals(model))
                .map(entry -> entry.at("/status/value").textValue()).findFirst().orElse("unknown");
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "qwen3", "gemma3"})
    void aModelIsLoadedUsedUnloadedAndLoadedAgain(String family) throws Exception {
        copy(family, server.models().resolve(family));
        assertThat(state(family)).isEqualTo("unloaded");
        try (var events = new Events()) {
            for (int round = 0; round < 2; round++) {
                assertThat(load(family).body().get("success").booleanValue()).isTrue();
                var loading = events.until(family, "loaded", "failed");
                assertThat(Events.status(loading.getFirst())).isEqualTo("loading");
                assertThat(loading.getFirst().at("/data/progress/value").isNumber()).isTrue();
                assertThat(Events.status(loading.getLast())).isEqualTo("loaded");
                assertThat(loading.getLast().at("/data/info/n_ctx").intValue()).isPositive();
                assertThat(state(family)).isEqualTo("loaded");
                assertThat(server.get("/v1/models/" + family).status()).isEqualTo(200);
                assertThat(server.chat(family)).isNotNull();
                assertThat(server.chat("demo")).isEqualTo("안녕하세요.");
                assertThat(load(family).status()).isEqualTo(400);

                var unloaded = unload(family);
                assertThat(unloaded.status()).isEqualTo(200);
                assertThat(unloaded.body().get("success").booleanValue()).isTrue();
                assertThat(unloaded.body().get("bytes_freed").longValue()).isGreaterThanOrEqualTo(Files.size(FIXTURES.resolve(family).resolve("model.safetensors")) / 2);
                assertThat(events.until(family, "unloaded")).extracting(Events::status).contains("unloading");
            }
        }
        var refused = server.post("/v1/chat/completions", "{\"model\": \"" + family + "\", \"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error()).contains(family, "/models/load");
        assertThat(unload(family).status()).isEqualTo(400);
        assertThat(server.get("/v1/models/" + family).status()).isEqualTo(404);
    }

    @Test
    void theDefaultModelCanBeUnloadedAndReadinessSaysSo() throws Exception {
        try (var events = new Events()) {
            assertThat(unload("demo").body().get("bytes_freed").longValue()).isGreaterThan(10_000_000);
            assertThat(server.get("/q/health/ready").status()).isEqualTo(503);
            assertThat(server.get("/q/health/live").status()).isEqualTo(200);
            assertThat(load("demo").status()).isEqualTo(200);
            events.until("demo", "loaded");
        }
        assertThat(server.get("/q/health/ready").status()).isEqualTo(200);
    }

    /// Spoils a good folder in one way. @return what the answer must name
    interface Spoiler {
        void spoil(Path folder) throws IOException;
    }

    static Stream<Arguments> spoilers() {
        return Stream.of(
                arguments("no config", (Spoiler) folder -> Files.delete(folder.resolve("config.json")), "config.json"),
                arguments("config is no JSON", (Spoiler) folder -> Files.writeString(folder.resolve("config.json"), "{"), "config.json"),
                arguments("unknown model_type", (Spoiler) folder -> replace(folder, "\"llama\"", "\"perceiver\""), "perceiver"),
                arguments("quantisation", (Spoiler) folder -> replace(folder, "\"hidden_size\"", "\"quantization_config\": {\"bits\": 4}, \"hidden_size\""), "quantization_config"),
                arguments("no weights", (Spoiler) folder -> Files.delete(folder.resolve("model.safetensors")), "model.safetensors"),
                arguments("missing shard", (Spoiler) folder -> {
                    Files.delete(folder.resolve("model.safetensors"));
                    Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"lm_head.weight\": \"model-00001-of-00002.safetensors\"}}");
                }, "model-00001-of-00002.safetensors"),
                arguments("truncated weights", (Spoiler) folder -> truncate(folder.resolve("model.safetensors")), "model.safetensors"),
                arguments("weights are no safetensors", (Spoiler) folder -> Files.writeString(folder.resolve("model.safetensors"), "not a header at all"), "model.safetensors"),
                arguments("no tokenizer", (Spoiler) folder -> Files.delete(folder.resolve("tokenizer.json")), "tokenizer.json"),
                arguments("only a pickle", (Spoiler) folder -> Files.move(folder.resolve("model.safetensors"), folder.resolve("pytorch_model.bin")), "pytorch_model.bin"));
    }

    private static void replace(Path folder, String text, String by) throws IOException {
        Path file = folder.resolve("config.json");
        Files.writeString(file, Files.readString(file).replace(text, by));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("spoilers")
    void aFolderThatIsPlainlyWrongIsRefusedAtOnceAndTheFaultNamed(String name, Spoiler spoiler, String named) throws Exception {
        Path folder = copy("llama", server.models().resolve("spoilt-" + name.replace(' ', '-')));
        spoiler.spoil(folder);
        var refused = load(folder.getFileName().toString());
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error()).contains(named);
    }

    static Stream<Arguments> lateFaults() {
        return Stream.of(
                arguments("other shape", (Spoiler) folder -> replace(folder, "\"vocab_size\": ", "\"vocab_size\": 1"), "embed_tokens"),
                arguments("tokenizer is no JSON", (Spoiler) folder -> Files.writeString(folder.resolve("tokenizer.json"), "{"), "tokenizer.json"));
    }

    private static void truncate(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lateFaults")
    void aFaultFoundWhileLoadingIsToldAsAnEventAndInTheList(String name, Spoiler spoiler, String named) throws Exception {
        Path folder = copy("llama", server.models().resolve("faulty-" + name.replace(' ', '-')));
        spoiler.spoil(folder);
        String id = folder.getFileName().toString();
        try (var events = new Events()) {
            var answer = load(id);
            if (answer.status() == 200) {
                var failed = events.until(id, "failed", "loaded").getLast();
                assertThat(failed.at("/data/failed").booleanValue()).isTrue();
                assertThat(failed.at("/data/reason").textValue()).contains(named);
                assertThat(state(id)).isEqualTo("failed");
            } else {
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.error()).contains(named);
            }
        }
    }

    @Test
    void aFolderOutsideTheRootsIsNotFoundHoweverItIsNamed() throws Exception {
        Path folder = copy("llama", outside.resolve("secret"));
        Files.createSymbolicLink(server.models().resolve("link"), folder);
        String above = server.models().toRealPath().relativize(folder.toRealPath()).toString();
        for (String name : List.of(folder.toString(), above, "link", "link/.", "nowhere", "..", ".", "/", "", "\u0000", server.models().toString())) {
            var answer = load(name);
            assertThat(answer.status()).as(name).isIn(400, 404);
            assertThat(answer.error()).as(name).isNotBlank();
        }
        assertThat(state("link")).isEqualTo("unknown");
        assertThat(state("secret")).isEqualTo("unknown");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{}", "{\"model\": 3}", "{\"model\": null}", "{\"model\": \"a\", \"modle\": 1}", "{\"model\""})
    void aBodyThatIsNoLoadRequestIsABadRequest(String body) throws Exception {
        var answer = server.post("/models/load", body);
        assertThat(answer.status()).isBetween(400, 404);
        assertThat(answer.error()).isNotBlank();
    }
}
