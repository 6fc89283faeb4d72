package dev.lorikeet.app;

import dev.lorikeet.hub.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/// The progress of a transfer on a terminal: one line that is written over. Where there is no terminal, a line every ten seconds.
final class ProgressLine implements Progress.Listener, AutoCloseable {
    private static final long QUIET_NANOS = Duration.ofSeconds(10).toNanos();

    private final String what;
    private final PrintStream out;
    private final boolean terminal;
    private long lastWritten = System.nanoTime();
    private int width;

    ProgressLine(String what, PrintStream out, boolean terminal) {
        this.what = what;
        this.out = out;
        this.terminal = terminal;
    }

    /// `1.2 of 5.0 GB, 24%, 40.0 MB/s, 1m 35s left`.
    static String text(Progress progress) {
        long total = progress.total();
        if (progress.files().isEmpty()) {
            return "looking what is there already";
        }
        String unit = total >= 1_000_000_000 ? "GB" : total >= 1_000_000 ? "MB" : "kB";
        double divisor = total >= 1_000_000_000 ? 1e9 : total >= 1_000_000 ? 1e6 : 1e3;
        String left = progress.remaining().filter(time -> !time.isZero()).map(time -> ", " + words(time) + " left").orElse("");
        return String.format(Locale.ROOT, "%.1f of %.1f %s, %d%%, %.1f MB/s%s", progress.done() / divisor, total / divisor, unit,
                total == 0 ? 100 : progress.done() * 100 / total, progress.bytesPerSecond() / 1e6, left);
    }

    private static String words(Duration time) {
        return time.toHours() > 0 ? time.toHours() + "h " + time.toMinutesPart() + "m"
                : time.toMinutes() > 0 ? time.toMinutes() + "m " + time.toSecondsPart() + "s" : time.toSeconds() + "s";
    }

    @Override
    public synchronized void at(Progress progress) {
        String line = what + ": " + text(progress);
        if (terminal) {
            out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
            out.flush();
            width = line.length();
        } else if (System.nanoTime() - lastWritten >= QUIET_NANOS) {
            lastWritten = System.nanoTime();
            out.println(line);
        }
    }

    @Override
    public void close() {
        if (width > 0) {
            out.println();
        }
    }
}
