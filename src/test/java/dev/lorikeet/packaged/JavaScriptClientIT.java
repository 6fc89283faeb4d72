package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// OpenAI's own JavaScript client: `src/test/js/client.mjs` makes the assertions and prints a line for each.
class JavaScriptClientIT {
    private static final Path FOLDER = Path.of("src/test/js");

    @Test
    void everyTestOfTheJavaScriptClientPasses() throws Exception {
        if (!Files.isDirectory(FOLDER.resolve("node_modules/openai"))) {
            assertThat(run("npm", "ci", "--no-audit", "--no-fund")).as("npm ci (Node.js 20 or newer is needed)").doesNotContain("npm error");
        }
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            String output = run("node", "client.mjs", server.uri("/v1").toString());
            assertThat(output).as(output).doesNotContain("not ok").contains("ok 1 - ").containsPattern("(?m)^1\\.\\.\\d+$");
            assertThat(output.lines().filter(line -> line.startsWith("ok "))).hasSize(planned(output));
        }
    }

    private static int planned(String output) {
        return output.lines().filter(line -> line.startsWith("1..")).map(line -> Integer.parseInt(line.substring(3))).findFirst().orElseThrow();
    }

    private static String run(String... command) throws Exception {
        var process = new ProcessBuilder(command).directory(FOLDER.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).as(output).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
