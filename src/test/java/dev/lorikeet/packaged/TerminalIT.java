package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The commands of `./lorikeet` as a person uses them.
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TerminalIT {
    @TempDir
    Path folder;

    private record Ended(int code, String out, String err) {}

    private Ended lorikeet(String input, String... arguments) throws Exception {
        return run(input, PackagedServer.launcher(List.of(arguments)));
    }

    /// In no locale at all, as a service or a container has it.
    private Ended run(String input, ProcessBuilder launcher) throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        launcher.environment().keySet().removeIf(name -> name.startsWith("LC_") || name.equals("LANG"));
        var process = launcher.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        try {
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("still running: %s", launcher.command()).isTrue();
            // The JVM itself warns of its incubator module.
            return new Ended(process.exitValue(), Files.readString(out), Files.readString(err).replaceFirst("WARNING: Using incubator modules.*\\R", ""));
        } finally {
            process.destroyForcibly();
        }
    }

    private PseudoTerminal terminal(String... arguments) throws Exception {
        return PseudoTerminal.of(List.of(arguments), Map.of("XDG_STATE_HOME", folder.resolve("state").toString()));
    }

    @Test
    void aQuestionMayBeAnOperandOrPipedIn() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            String url = server.uri("").toString();
            assertThat(lorikeet("", "chat", "--url", url, "--temperature=0", "안녕")).isEqualTo(new Ended(0, "안녕하세요.\n", ""));
            assertThat(lorikeet("안녕\n", "chat", "--url", url + "/v1", "--temperature=0")).isEqualTo(new Ended(0, "안녕하세요.\n", ""));
            assertThat(lorikeet("안녕\n", "chat", "--url", url, "--temperature=0", "-")).isEqualTo(new Ended(0, "안녕하세요.\n", ""));
            assertThat(lorikeet("", "chat", "--url", url)).isEqualTo(new Ended(2, "", "lorikeet chat: the question is empty\n"));
            var unknown = lorikeet("", "chat", "--url", url, "--model", "gpt", "hi");
            assertThat(unknown.code()).isEqualTo(2);
            assertThat(unknown.err()).startsWith("lorikeet chat: ").contains("`gpt`").doesNotContain("\tat ");
            assertThat(lorikeet("", "ps", "--url", url).out()).contains("MODEL", "RUNNING").containsPattern("\ndemo +loaded +5.8M .* 0 +0\n");
        }
        var nobody = lorikeet("", "ps", "--url", "http://localhost:1");
        assertThat(nobody.code()).isEqualTo(1);
        assertThat(nobody.err()).startsWith("lorikeet ps: nobody answers at http://localhost:1");
    }

    @Test
    void withoutAServerTheModelIsServedForAsLongAsTheQuestionTakes() throws Exception {
        String data = folder.resolve("data").toString();
        assertThat(lorikeet("", "chat", "--model", "models/demo", "--data", data, "--temperature=0", "안녕")).isEqualTo(new Ended(0, "안녕하세요.\n", ""));
        var nowhere = lorikeet("", "chat", "--model", folder.resolve("nowhere").toString(), "--data", data, "안녕");
        assertThat(nowhere.code()).isEqualTo(1);
        assertThat(nowhere.out()).isEmpty();
        assertThat(nowhere.err()).contains("nowhere", "no such folder").doesNotContain("\tat ");
    }

    @Test
    void aTrainingShowsItsBarAndItsAdapterIsTalkedTo() throws Exception {
        Files.writeString(folder.resolve("rows.jsonl"), "{\"text\": \"안녕\"}\n");
        Path recipe = Files.writeString(folder.resolve("recipe.yaml"), "training_file: rows.jsonl\nmax_steps: 2\n");
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            String url = server.uri("").toString();
            String name;
            try (var terminal = terminal("train", recipe.toString(), "--url", url, "--model", "demo")) {
                assertThat(terminal.await("made ")).containsPattern("\\[=+>?=* *] +100%  2/2  loss [0-9.]+  \\d+ tokens/s  0:00 left");
                name = terminal.await("\n").strip();
                assertThat(terminal.end()).isZero();
            }
            try (var terminal = terminal("chat", "--url", url, "--temperature", "0")) {
                assertThat(terminal.await("> ")).contains("demo on " + url);
                ask(terminal, "안녕", "안녕하세요.");
                ask(terminal, "/adapter " + name, "Talking to " + name + ", an adapter of demo.");
                ask(terminal, "/mod\t", "* " + name);
                ask(terminal, "/system 짧게", "System prompt: 짧게");
                ask(terminal, "/reset", "What was said is forgotten.");
                terminal.type(PseudoTerminal.CTRL_D);
                assertThat(terminal.end()).isZero();
            }
            assertThat(Files.readString(folder.resolve("state/lorikeet/chat-history"))).contains("안녕", "/reset");
            assertThat(Files.getPosixFilePermissions(folder.resolve("state/lorikeet/chat-history"))).hasSize(2);
        }
    }

    /// Types a line, and waits for what it gets and for the next prompt.
    private static void ask(PseudoTerminal terminal, String line, String answer) throws Exception {
        terminal.type(line + PseudoTerminal.ENTER);
        terminal.await(answer);
        terminal.await("> ");
    }

    @Test
    void controlCStopsAnAnswerAndNothingOfItSteersTheTerminal() throws Exception {
        String chunk = "data: {\"choices\": [{\"delta\": {\"content\": \"\\u001b]0;owned\\u0007\\u001b[2Jcome\"}}]}\n\n";
        try (var hostile = new HeldAnswer("{\"data\": [{\"id\": \"demo\\u001b[2J\"}]}", chunk);
                var terminal = terminal("chat", "--url", hostile.url())) {
            terminal.await("Ctrl-D ends.");
            terminal.await("> ");
            terminal.type("hi" + PseudoTerminal.ENTER);
            terminal.await("␛]0;owned␇␛[2Jcome");
            assertThat(hostile.isLeft()).isFalse();
            terminal.type(PseudoTerminal.CTRL_C);
            terminal.await("[stopped]");
            // The server learns of it, so that it computes nothing more.
            hostile.awaitLeft();
            terminal.await("> ");
            terminal.type("/quit" + PseudoTerminal.ENTER);
            assertThat(terminal.end()).isZero();
            assertThat(terminal.screen()).contains("demo␛[2J on ").doesNotContain("\u001b]0;owned", "\u001b[2J");
        }
    }

    @Test
    void helpAndCompletionNeedNoBuild() throws Exception {
        Path app = Files.createDirectories(folder.resolve("src/main/java/dev/lorikeet/app"));
        for (String name : List.of("Command", "CommandLine", "Completion", "ExitStatus", "Help", "Option", "ValueKind")) {
            Files.copy(Path.of("src/main/java/dev/lorikeet/app", name + ".java"), app.resolve(name + ".java"));
        }
        Path launcher = Files.copy(Path.of("lorikeet"), folder.resolve("lorikeet"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        for (var arguments : List.of(List.of("help"), List.of("chat", "--help"), List.of("completion", "bash"))) {
            var fresh = PackagedServer.launcher(arguments);
            fresh.command().set(0, launcher.toString());
            fresh.environment().remove("LORIKEET_BUILD");
            var built = lorikeet("", arguments.toArray(String[]::new));
            assertThat(built.code()).isZero();
            assertThat(run("", fresh)).isEqualTo(built);
        }
        assertThat(folder.resolve("target")).doesNotExist();
    }
}
