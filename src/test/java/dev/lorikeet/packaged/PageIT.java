package dev.lorikeet.packaged;

import dev.lorikeet.hub.FakeHub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The page at `/` in a real browser: scripts of `src/test/js` drive Chromium, make the assertions and print a line for each.
/// With `-Dpage.pictures=FOLDER` they also make the pictures of the documentation.
@Timeout(600)
class PageIT {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static final Path LLAMA = FIXTURES.resolve("llama");
    private static final Map<String, String> KEYS = Map.of("LORIKEET_API_KEYS", "alice:alice-key-0123456789", "LORIKEET_ADMIN_KEYS", "root:root-key-0123456789a");
    private static final int MIB = 1 << 20;

    @TempDir
    Path folder;

    @Test
    void onePageForEveryoneToChatIn() throws Exception {
        Files.writeString(folder.resolve("전세.md"), "# 전세 계약\n\n갱신을 거절하려면 계약이 끝나기 6개월 전부터 2개월 전까지 통보해야 합니다. 그러지 않으면 묵시적으로 갱신됩니다.\n");
        try (var demo = PackagedServer.start(PackagedServer.DEMO, "--search", "folder", "--search-folder", folder.toString());
                var adapters = PackagedServer.start(LLAMA, "--dtype", "float32", "--max-context", "256",
                        "--adapter", "begun=" + LLAMA.resolve("lora/start"), "--adapter", "done=" + LLAMA.resolve("lora/end"))) {
            passes("page.mjs", address(demo), address(adapters));
        }
    }

    @Test
    void modelsAndAdaptersAreComparedLoadedSwappedAndUnloaded() throws Exception {
        try (var hub = new FakeHub()) {
            hub.model("acme/tiny").commit(files(FIXTURES.resolve("qwen2")));
            hub.model("acme/large").commit(Map.of("config.json", "{}".getBytes(), "model.safetensors", new byte[40 * MIB]));
            // The second range never comes, so that the progress of the download can be seen.
            hub.stall(request -> ("bytes=" + 16 * MIB + "-" + (32 * MIB - 1)).equals(request.getHeaders().get("Range")));
            var environment = Map.of("HF_ENDPOINT", hub.url().toString(), "HF_HOME", folder.resolve("home").toString());
            try (var server = PackagedServer.start(environment, LLAMA.toString(), "--dtype", "float32", "--max-context", "256",
                    "--adapter", "begun=" + LLAMA.resolve("lora/start"), "--adapter", "done=" + LLAMA.resolve("lora/end"),
                    "--adapter-root", LLAMA.resolve("lora").toString(), "--model-root", FIXTURES.toString());
                    var keyed = PackagedServer.start(KEYS, LLAMA.toString(), "--dtype", "float32", "--max-context", "256")) {
                passes("page-views.mjs", address(server), address(keyed));
            }
        }
    }

    @Test
    void trainingGoesFromTheUploadToAnAdapterAndItsJobsSurviveAKill() throws Exception {
        var killed = PackagedServer.start(PackagedServer.DEMO);
        Path data;
        try {
            passes("page-train.mjs", address(killed), "first");
        } finally {
            data = killed.kill();
        }
        try (var server = PackagedServer.start(Map.of(), data, PackagedServer.DEMO)) {
            passes("page-train.mjs", address(server), "again");
        }
    }

    private static void passes(String script, String... arguments) throws Exception {
        NodeScript.passes(script, "playwright-core", Stream.concat(Stream.of(arguments), pictures().stream()).toArray(String[]::new));
    }

    private static Map<String, byte[]> files(Path model) throws IOException {
        var files = new HashMap<String, byte[]>();
        try (Stream<Path> paths = Files.list(model)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                files.put(path.getFileName().toString(), Files.readAllBytes(path));
            }
        }
        return files;
    }

    private static String address(PackagedServer server) {
        return "http://localhost:" + server.port();
    }

    private static Optional<String> pictures() {
        return Optional.ofNullable(System.getProperty("page.pictures")).map(name -> Path.of(name).toAbsolutePath().toString());
    }
}
