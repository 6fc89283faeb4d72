package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A script of `src/test/js` that makes assertions of its own and prints TAP.
final class NodeScript {
    private static final Path FOLDER = Path.of("src/test/js");

    private NodeScript() {}

    /// Runs it, after `npm ci` if the package that it needs is not there, and demands that every test that it has planned passes.
    static void passes(String script, String needs, String... arguments) throws Exception {
        if (!Files.isDirectory(FOLDER.resolve("node_modules").resolve(needs))) {
            assertThat(run(List.of("npm", "ci", "--no-audit", "--no-fund"))).as("npm ci (Node.js 20 or newer is needed)").doesNotContain("npm error");
        }
        var command = new ArrayList<>(List.of("node", script));
        command.addAll(List.of(arguments));
        String output = run(command);
        assertThat(output).as(output).doesNotContain("not ok").contains("ok 1 - ").containsPattern("(?m)^1\\.\\.\\d+$");
        assertThat(output.lines().filter(line -> line.startsWith("ok "))).hasSize(planned(output));
    }

    private static int planned(String output) {
        return output.lines().filter(line -> line.startsWith("1..")).map(line -> Integer.parseInt(line.substring(3))).findFirst().orElseThrow();
    }

    private static String run(List<String> command) throws Exception {
        var process = new ProcessBuilder(command).directory(FOLDER.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).as(output).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }
}
