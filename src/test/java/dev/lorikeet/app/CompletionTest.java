package dev.lorikeet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// By bash itself.
class CompletionTest {
    @TempDir
    Path folder;

    /// @param words those before the cursor; the last one is being completed @return what bash offers
    private List<String> complete(String... words) throws Exception {
        Path script = Files.writeString(folder.resolve("completion"), Completion.script("bash"));
        var quoted = Arrays.stream(words).map(word -> "'" + word + "'").toList();
        String program = "source " + script + " || exit; cd " + folder + "; COMP_WORDS=(./lorikeet " + String.join(" ", quoted) + "); COMP_CWORD=" + words.length
                + "; _lorikeet; printf '%s\\n' \"${COMPREPLY[@]}\"";
        var bash = new ProcessBuilder("bash", "--norc", "-uc", program).redirectErrorStream(true).start();
        String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(output).isZero();
        return output.lines().filter(line -> !line.isEmpty()).toList();
    }

    @Test
    void commands() throws Exception {
        assertThat(complete("")).contains("serve", "chat", "ps", "test", "check").doesNotContain("warm-up");
        assertThat(complete("be")).containsExactly("bench", "bench-adapters", "bench-training");
        assertThat(complete("help", "pu")).containsExactlyInAnyOrder("pull", "push");
    }

    @ParameterizedTest
    @EnumSource(Command.class)
    void theOptionsOfACommandAndNoOthers(Command command) throws Exception {
        if (command.isPublic()) {
            assertThat(complete(command.word(), "--")).containsExactlyInAnyOrderElementsOf(
                    Stream.concat(command.options().stream().map(Option::flag), Stream.of("--help")).toList());
        }
    }

    @Test
    void values() throws Exception {
        assertThat(complete("serve", "--watch-adapters", "")).containsExactly("true", "false");
        assertThat(complete("serve", "--insecure", "--por")).containsExactly("--port");
        assertThat(complete("key", "")).containsExactly("new", "remove", "list");
        assertThat(complete("serve", "--log-level", "=", "W")).containsExactly("WARN");
        assertThat(complete("serve", "--port", "")).isEmpty();
        assertThat(complete("completion", "")).containsExactly("bash", "zsh", "fish");
    }

    @Test
    void foldersAndRecipes() throws Exception {
        Files.createDirectories(folder.resolve("my model"));
        Files.writeString(folder.resolve("my.yaml"), "");
        assertThat(complete("serve", "--model", "my")).containsExactly("my model");
        assertThat(complete("serve", "--model", "=")).containsExactly("my model");
        assertThat(complete("push", "my")).containsExactly("my model");
        assertThat(complete("train", "my")).containsExactlyInAnyOrder("my model", "my.yaml");
    }

    @Test
    void theOtherShellsHaveAllOfIt() {
        for (String shell : List.of("zsh", "fish")) {
            String script = Completion.script(shell);
            for (var option : Option.values()) {
                assertThat(script).as(shell).contains(shell.equals("fish") ? " -l " + option.flag().substring(2) + " " : option.flag() + "=[");
            }
            Arrays.stream(Command.values()).filter(Command::isPublic).forEach(command -> assertThat(script).as(shell).contains(command.word()));
        }
        assertThatThrownBy(() -> Completion.script("csh")).hasMessageContaining("bash, zsh and fish");
    }
}
