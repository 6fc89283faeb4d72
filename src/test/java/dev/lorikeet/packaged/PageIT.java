package dev.lorikeet.packaged;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The page at `/` in a real browser: `src/test/js/page.mjs` drives Chromium, makes the assertions and prints a line for each.
/// With `-Dpage.screenshot=FILE` it also makes the picture of the documentation.
@Timeout(600)
class PageIT {
    private static final Path LLAMA = Path.of("src/test/resources/fixtures/llama");

    @TempDir
    static Path documents;

    @Test
    void everyTestOfThePagePasses() throws Exception {
        Files.writeString(documents.resolve("전세.md"), "# 전세 계약\n\n갱신을 거절하려면 계약이 끝나기 6개월 전부터 2개월 전까지 통보해야 합니다. 그러지 않으면 묵시적으로 갱신됩니다.\n");
        try (var demo = PackagedServer.start(PackagedServer.DEMO, "--search", "folder", "--search-folder", documents.toString());
                var adapters = PackagedServer.start(LLAMA, "--dtype", "float32", "--max-context", "256",
                        "--adapter", "begun=" + LLAMA.resolve("lora/start"), "--adapter", "done=" + LLAMA.resolve("lora/end"))) {
            NodeScript.passes("page.mjs", "playwright-core", Stream.concat(Stream.of(demo, adapters).map(PageIT::address), screenshot().stream()).toArray(String[]::new));
        }
    }

    private static String address(PackagedServer server) {
        return "http://localhost:" + server.port();
    }

    private static Optional<String> screenshot() {
        return Optional.ofNullable(System.getProperty("page.screenshot")).map(file -> Path.of(file).toAbsolutePath().toString());
    }
}
