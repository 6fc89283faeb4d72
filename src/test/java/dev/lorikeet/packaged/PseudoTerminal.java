package dev.lorikeet.packaged;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// `./lorikeet` on a terminal of 100 columns that util-linux' `script` makes: what a person would see, and type.
final class PseudoTerminal implements AutoCloseable {
    static final String CTRL_D = "\u0004";
    static final String ENTER = "\r";

    private final Process process;
    private final Reader output;
    private final StringBuilder seen = new StringBuilder();
    private int from;

    private PseudoTerminal(Process process) {
        this.process = process;
        this.output = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8);
    }

    static PseudoTerminal of(List<String> arguments, java.util.Map<String, String> environment) throws IOException {
        var launcher = PackagedServer.launcher(arguments);
        String command = launcher.command().stream().map(word -> "'" + word.replace("'", "'\\''") + "'").collect(Collectors.joining(" "));
        launcher.command("script", "--quiet", "--return", "--flush", "--command", "stty cols 100 rows 30; exec " + command, "/dev/null");
        launcher.environment().put("TERM", "xterm");
        launcher.environment().putAll(environment);
        return new PseudoTerminal(launcher.redirectErrorStream(true).start());
    }

    void type(String keys) throws IOException {
        process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    /// Waits until these words have come since the last time. @return all that came with them
    String await(String words) throws IOException {
        while (seen.indexOf(words, from) < 0) {
            int next = output.read();
            if (next < 0) {
                throw new AssertionError("`" + words + "` has not come; the terminal shows:\n" + seen);
            }
            seen.append((char) next);
        }
        String came = seen.substring(from);
        from = seen.length();
        return came;
    }

    /// Waits for the end. @return the exit status
    int end() throws IOException, InterruptedException {
        for (int next = output.read(); next >= 0; next = output.read()) {
            seen.append((char) next);
        }
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            throw new AssertionError("still running; the terminal shows:\n" + seen);
        }
        return process.exitValue();
    }

    /// All that came so far, control sequences and all.
    String screen() {
        return seen.toString();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
