package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineIT {
    record Ended(int code, String output) {}

    private static Ended lorikeet(String... arguments) throws Exception {
        Path output = Files.createTempFile("lorikeet-it", ".log");
        var process = PackagedServer.launcher(List.of(arguments)).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            process.getOutputStream().close();
            boolean ended = process.waitFor(1, TimeUnit.MINUTES);
            assertThat(ended).as("still running after a minute: %s", String.join(" ", arguments)).isTrue();
            return new Ended(process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }

    @Test
    void helpListsCommandsOptionsAndEnvironment() throws Exception {
        var help = lorikeet("help");
        assertThat(help.code()).isZero();
        assertThat(help.output()).contains("serve", "bench", "test", "check DIR", "--model DIR", "--max-batch N", "LORIKEET_MAX_BATCH").doesNotContain("Exception");
        assertThat(lorikeet()).isEqualTo(help);
        var serve = lorikeet("serve", "--help");
        assertThat(serve.code()).isZero();
        assertThat(serve.output()).contains("--model DIR", "LORIKEET_MAX_BATCH").doesNotContain("--shard-size", "--system");
        assertThat(lorikeet("help", "serve")).isEqualTo(serve);
    }

    @ParameterizedTest
    @CsvSource({"sing, sing", "serve --colour=red, --colour", "serve --port, --port", "serve --port=1 --port=2, --port", "serve demo, demo", "serve --port=http, http", "serve --keep-alive 10, --keep-alive"})
    void aWrongCommandLineEndsWithTwoAndNamesWhatIsWrong(String arguments, String named) throws Exception {
        var ended = lorikeet(arguments.split(" "));
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.output()).contains("lorikeet: ", named).doesNotContain("\tat ");
    }

    @Test
    void aModelThatIsNotThereEndsTheServerWithOneAndNamesTheFolder(@TempDir Path folder) throws Exception {
        var ended = lorikeet("serve", "--model", folder.resolve("nowhere").toString(), "--port", "0", "--data", folder.toString());
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output()).contains("nowhere", "no such folder").doesNotContain("\tat ");
    }

    @Test
    void aFolderWithoutAModelEndsTheServerWithOneAndNamesTheMissingFile(@TempDir Path folder) throws Exception {
        var ended = lorikeet("serve", "--model", folder.toString(), "--port", "0", "--data", folder.toString());
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output()).contains("config.json").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource({"--max-batch=0, max-batch", "--dtype=int3, int3", "--device=tpu, tpu", "--max-queue=0, max-queue", "--prefill-chunk=1, prefill-chunk"})
    void anOptionThatDoesNotFitEndsTheServerWithOneAndNamesIt(String option, String named) throws Exception {
        var ended = lorikeet("serve", option, "--port=0");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output()).contains(named).doesNotContain("\tat ");
    }

    @Test
    void aServerThatOthersWouldReachWithoutAKeyDoesNotStart() throws Exception {
        var ended = lorikeet("serve", "--host", "0.0.0.0", "--port=0");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output()).contains("host is `0.0.0.0`", "--keys-file", "--insecure").doesNotContain("\tat ");
    }

    @Test
    void aKeyIsShownOnceAndItsHashIsKept(@TempDir Path folder) throws Exception {
        String file = folder.resolve("keys.json").toString();
        var made = lorikeet("key", "new", "alice", "--keys-file", file, "--admin", "--key-tokens-per-day=5");
        assertThat(made.code()).isZero();
        String key = made.output().lines().filter(line -> line.startsWith("lk-")).findFirst().orElseThrow();
        assertThat(Files.readString(Path.of(file))).contains("\"alice\"", "\"admin\"", "\"tokens_per_day\" : 5").doesNotContain(key);
        assertThat(lorikeet("key", "list", "--keys-file", file).output()).contains("alice\tadmin");
        assertThat(lorikeet("key", "new", "alice", "--keys-file", file)).matches(again -> again.code() == 2 && again.output().contains("already"));
        assertThat(lorikeet("key", "remove", "alice", "--keys-file", file).code()).isZero();
        assertThat(lorikeet("key", "list", "--keys-file", file).output()).doesNotContain("alice");
        assertThat(lorikeet("key", "new", "bob")).matches(without -> without.code() == 2 && without.output().contains("--keys-file"));
    }

    @Test
    void aFileOfKeysThatIsNotThereEndsTheServerWithOneAndSaysHowToMakeIt(@TempDir Path folder) throws Exception {
        var ended = lorikeet("serve", "--port=0", "--keys-file", folder.resolve("none.json").toString());
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output()).contains("none.json", "is missing", "./lorikeet key new").doesNotContain("\tat ");
    }

    @Test
    void mergeMakesACheckpointAndSaysHowNearItIs(@TempDir Path folder) throws Exception {
        var fixture = Path.of("src/test/resources/fixtures/llama").toAbsolutePath();
        var merged = lorikeet("merge", "--model", fixture.toString(), "--adapter", fixture.resolve("lora/end").toString(), "--out", folder.resolve("m").toString());
        assertThat(merged.code()).isZero();
        assertThat(merged.output()).contains("21 tensors, 14 of them changed", "logits differ");
        var again = lorikeet("merge", "--model", fixture.toString(), "--adapter", fixture.resolve("lora/end").toString(), "--out", folder.resolve("m").toString());
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.output()).contains("exists already").doesNotContain("\tat ");
        assertThat(lorikeet("merge", "--out", folder.resolve("n").toString()).output()).contains("needs --model and --adapter");
    }

    @Test
    void aServerThatIsEndedTellsItsOpenStreams() throws Exception {
        var server = PackagedServer.start(Path.of("models/demo"), "--grace", "1ms");
        var connection = (HttpURLConnection) server.uri("/v1/completions").toURL().openConnection();
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setDoOutput(true);
        connection.getOutputStream().write("{\"model\": \"demo\", \"prompt\": \"a\", \"max_tokens\": 1000, \"ignore_eos\": true, \"stream\": true}".getBytes());
        try (var lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).startsWith("data: {\"id\"");
            try (server) {
                server.end();
                assertThat(lines.lines().filter(line -> line.startsWith("data: ")).toList()).last().asString()
                        .startsWith("data: {\"error\":{\"message\":\"the server is shutting down\"");
            }
        }
    }
}
