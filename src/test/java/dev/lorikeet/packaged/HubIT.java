package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.hub.FakeHub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models by their names on the hub: `serve`, `/models/load`, `pull`, killed and begun again.
class HubIT {
    @TempDir
    Path folder;
    private FakeHub hub;

    record Ended(int code, String out, String err) {}

    @BeforeEach
    void open() throws IOException {
        hub = new FakeHub();
        hub.model("acme/demo").commit(files(PackagedServer.DEMO));
        hub.model("acme/tiny").commit(files(Path.of("src/test/resources/fixtures/qwen3")));
    }

    @AfterEach
    void close() {
        hub.close();
    }

    private static Map<String, byte[]> files(Path folder) throws IOException {
        var files = new HashMap<String, byte[]>();
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                files.put(path.getFileName().toString(), Files.readAllBytes(path));
            }
        }
        return files;
    }

    private Map<String, String> environment() {
        return Map.of("HF_ENDPOINT", hub.url().toString(), "HF_HOME", folder.resolve("home").toString(), "HF_TOKEN", FakeHub.OWNER);
    }

    private Ended lorikeet(String... arguments) throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        var builder = PackagedServer.launcher(List.of(arguments)).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().putAll(environment());
        var process = builder.start();
        try {
            process.getOutputStream().close();
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("still running after a minute").isTrue();
            return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aModelOfTheHubIsServedUnderItsFullNameAndAnotherLoadedBesideIt() throws Exception {
        try (var server = PackagedServer.start(environment(), "acme/demo")) {
            assertThat(server.chat("acme/demo")).isNotEmpty();
            var unknown = server.post("/models/load", "{\"model\": \"acme/nothing\"}");
            assertThat(unknown.status()).isEqualTo(404);
            assertThat(unknown.error()).contains("There is no model acme/nothing");
            assertThat(server.post("/models/load", "{\"model\": \"acme/tiny\"}").status()).isEqualTo(200);
            while (!server.get("/v1/models").body().toString().contains("acme/tiny")) {
                assertThat(server.get("/models").body().toString()).doesNotContain("\"failed\":true");
            }
            assertThat(server.log()).doesNotContain(FakeHub.OWNER);
        }
    }

    @Test
    void anAdapterOfTheHubIsLoadedByItsNameAndPushedAgainByTheServer() throws Exception {
        Path fixture = Path.of("src/test/resources/fixtures/llama");
        hub.model("acme/base").commit(files(fixture));
        hub.model("acme/law-lora").commit(files(fixture.resolve("lora/end")));
        try (var server = PackagedServer.start(environment(), "acme/base")) {
            assertThat(server.postText("/v1/load_lora_adapter", "{\"lora_name\": \"law\", \"lora_path\": \"acme/law-lora\"}")).contains("Success");
            assertThat(server.post("/v1/completions", "{\"model\": \"law\", \"prompt\": \"a\", \"max_tokens\": 2}").status()).isEqualTo(200);
            assertThat(server.post("/v1/load_lora_adapter", "{\"lora_name\": \"x\", \"lora_path\": \"acme/nothing\"}").status()).isEqualTo(404);

            Path kept = server.models().resolveSibling("adapters/mine");
            Files.createDirectories(kept);
            for (var file : files(fixture.resolve("lora/end")).entrySet()) {
                Files.write(kept.resolve(file.getKey()), file.getValue());
            }
            var pushed = server.post("/v1/hub/push", "{\"folder\": \"adapters/mine\", \"repo\": \"acme/mine\"}");
            assertThat(pushed.status()).as(pushed.toString()).isEqualTo(200);
            assertThat(pushed.body().path("url").asText()).startsWith(hub.url() + "acme/mine/commit/");
            String streamed = server.postText("/v1/hub/push", "{\"folder\": \"adapters/mine\", \"repo\": \"acme/mine-streamed\", \"stream\": true}");
            assertThat(streamed).startsWith("data: {\"object\":\"hub.push.progress\"").contains("\"object\":\"hub.push\"").endsWith("data: [DONE]\n\n");
            assertThat(server.post("/v1/hub/push", "{\"folder\": \"../../etc\", \"repo\": \"acme/mine\"}").error()).contains("There is no folder");
            assertThat(server.post("/v1/hub/push", "{\"folder\": \"adapters/mine\", \"repo\": \"mine\"}").error()).contains("owner/name");
        }
    }

    @Test
    void pushPrintsThePageOfTheCommit() throws Exception {
        var pushed = lorikeet("push", "src/test/resources/fixtures/llama/lora/end", "acme/pushed");
        assertThat(pushed.code()).as(pushed.err()).isZero();
        assertThat(pushed.out().strip()).startsWith(hub.url() + "acme/pushed/commit/");
        assertThat(lorikeet("push", folder.resolve("nowhere").toString(), "acme/pushed").err()).contains("nowhere", "is no folder");
    }

    @Test
    void pullPrintsTheFolderAndOnlyThat() throws Exception {
        var pulled = lorikeet("pull", "acme/tiny");
        assertThat(pulled.code()).as(pulled.err()).isZero();
        assertThat(Path.of(pulled.out().strip()).resolve("model.safetensors")).isRegularFile();
        assertThat(pulled.out() + pulled.err()).doesNotContain(FakeHub.OWNER);
    }

    @Test
    void pullSaysWhenTheHubIsAwayAndTheCacheServes() throws Exception {
        var first = lorikeet("pull", "acme/tiny");
        hub.refuse(_ -> true, 401, "Invalid credentials in Authorization header");
        var second = lorikeet("pull", "acme/tiny");
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(second.err()).contains("taken from the cache as of commit", "does not accept the token").doesNotContain(FakeHub.OWNER);
    }

    @Test
    void pullOfWhatIsNotThereEndsWithOneAndSaysSo() throws Exception {
        var pulled = lorikeet("pull", "acme/nothing");
        assertThat(pulled.code()).isEqualTo(1);
        assertThat(pulled.err()).contains("lorikeet pull: There is no model acme/nothing").doesNotContain("\tat ");
        assertThat(lorikeet("pull").code()).isEqualTo(2);
    }

    @Test
    void aDownloadThatWasKilledIsGoneOnWithWhereItStopped() throws Exception {
        byte[] weights = new byte[40 << 20];
        new java.util.Random(1).nextBytes(weights);
        hub.model("acme/large").commit(Map.of("config.json", "{}".getBytes(), "model.safetensors", weights));
        // The second range never comes, so that the process can be killed in the middle.
        String second = "bytes=" + (16 << 20) + "-" + ((32 << 20) - 1);
        var builder = PackagedServer.launcher(List.of("pull", "acme/large")).redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile());
        builder.environment().putAll(environment());
        hub.stall(request -> second.equals(request.getHeaders().get("Range")));
        var process = builder.start();
        Path blobs = folder.resolve("home/hub/models--acme--large/blobs");
        while (hub.rangesSent() < 3) {
            assertThat(process.waitFor(20, TimeUnit.MILLISECONDS)).as(() -> read(folder.resolve("log"))).isFalse();
        }
        awaitJournal(blobs, process);
        process.destroyForcibly().waitFor();
        hub.unstall();
        int before = hub.rangesSent();

        var pulled = lorikeet("pull", "acme/large");
        assertThat(pulled.code()).as(pulled.err()).isZero();
        assertThat(Path.of(pulled.out().strip()).resolve("model.safetensors")).hasBinaryContent(weights);
        assertThat(hub.rangesSent() - before).isLessThan(3);
    }

    /// Until the two chunks that arrived are on record.
    private static void awaitJournal(Path blobs, Process process) throws Exception {
        while (true) {
            try (Stream<Path> files = Files.list(blobs)) {
                var journal = files.filter(file -> file.toString().endsWith(".chunks")).findFirst();
                if (journal.isPresent()) {
                    byte[] bytes = Files.readAllBytes(journal.get());
                    if (bytes.length == 19 && bytes[16] == 1 && bytes[18] == 1) {
                        return;
                    }
                }
            }
            assertThat(process.waitFor(20, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
