package dev.lorikeet.packaged;

import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// `./lorikeet` on a terminal of 100 columns that util-linux' `script` makes: what a person would see, and type.
final class PseudoTerminal implements AutoCloseable {
    static final String CTRL_C = "\u0003";
    static final String CTRL_D = "\u0004";
    static final String ENTER = "\r";

    private static final long PATIENCE = TimeUnit.MINUTES.toNanos(1);

    private final Process process;
    private final StringBuilder seen = new StringBuilder();
    private boolean over;
    private int from;

    private PseudoTerminal(Process process) {
        this.process = process;
        // A read cannot be interrupted, so it has a thread of its own.
        Thread.ofPlatform().daemon().name("terminal").start(this::read);
    }

    private void read() {
        try (var output = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
            for (int next = output.read(); next >= 0; next = output.read()) {
                add((char) next);
            }
        } catch (IOException _) {
            // As good as its end: what is missing is waited for in vain.
        }
        finish();
    }

    private synchronized void add(char next) {
        seen.append(next);
        notifyAll();
    }

    private synchronized void finish() {
        over = true;
        notifyAll();
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
    synchronized String await(String words) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE;
        for (int at = seen.indexOf(words, from); at < 0; at = seen.indexOf(words, from)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (over || left <= 0) {
                throw new AssertionError("`" + words + "` has not come; the terminal shows:\n" + seen);
            }
            wait(left);
        }
        int end = seen.indexOf(words, from) + words.length();
        String came = seen.substring(from, end);
        from = end;
        return came;
    }

    /// Waits for the end. @return the exit status
    int end() throws InterruptedException {
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            throw new AssertionError("still running; the terminal shows:\n" + screen());
        }
        return process.exitValue();
    }

    /// All that came so far, control sequences and all.
    synchronized String screen() {
        return seen.toString();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
