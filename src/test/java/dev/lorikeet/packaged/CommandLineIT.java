package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineIT {
    record Ended(int code, String output) {}

    private static Ended lorikeet(String... arguments) throws Exception {
        var process = PackagedServer.launcher(List.of(arguments)).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }

    @Test
    void helpListsCommandsOptionsAndEnvironment() throws Exception {
        var help = lorikeet("help");
        assertThat(help.code()).isZero();
        assertThat(help.output()).contains("serve", "bench", "test", "--model DIR", "--max-batch N", "LORIKEET_MAX_BATCH").doesNotContain("Exception");
        assertThat(lorikeet()).isEqualTo(help);
        assertThat(lorikeet("serve", "--help")).isEqualTo(help);
    }

    @ParameterizedTest
    @CsvSource({"sing, sing", "serve --colour=red, --colour", "serve --port, --port", "serve --port=1 --port=2, --port", "serve demo, demo"})
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
    @CsvSource({"--max-batch=0, max-batch", "--dtype=int3, int3", "--device=tpu, tpu", "--max-context=1000000, context"})
    void anOptionThatDoesNotFitEndsTheServerWithOneAndNamesIt(String option, String named) throws Exception {
        var ended = lorikeet("serve", option, "--port", "0");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.output()).contains(named).doesNotContain("\tat ");
    }
}
