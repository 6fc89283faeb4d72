package dev.lorikeet.terminal;

import dev.lorikeet.hub.Progress;
import java.time.Duration;
import java.util.Locale;

/// The progress of a transfer on a terminal: one line that is written over. Where there is no terminal, a line every ten seconds.
public final class ProgressLine implements Progress.Listener, AutoCloseable {
    private static final long QUIET_NANOS = Duration.ofSeconds(10).toNanos();

    private final String what;
    private final LiveLine line;
    private long lastWritten = System.nanoTime();

    public ProgressLine(String what, LiveLine line) {
        this.what = what;
        this.line = line;
    }

    /// `1.2 of 5.0 GB, 24%, 40.0 MB/s, 1m 35s left`.
    public static String text(Progress progress) {
        if (progress.files().isEmpty()) {
            return "looking what is there already";
        }
        return amount(progress) + ", " + (progress.total() == 0 ? 100 : progress.done() * 100 / progress.total()) + "%, " + pace(progress);
    }

    private static String amount(Progress progress) {
        long total = progress.total();
        String unit = total >= 1_000_000_000 ? "GB" : total >= 1_000_000 ? "MB" : "kB";
        double divisor = total >= 1_000_000_000 ? 1e9 : total >= 1_000_000 ? 1e6 : 1e3;
        return String.format(Locale.ROOT, "%.1f of %.1f %s", progress.done() / divisor, total / divisor, unit);
    }

    private static String pace(Progress progress) {
        String left = progress.remaining().filter(time -> !time.isZero()).map(time -> ", " + words(time) + " left").orElse("");
        return String.format(Locale.ROOT, "%.1f MB/s%s", progress.bytesPerSecond() / 1e6, left);
    }

    private static String words(Duration time) {
        return time.toHours() > 0 ? time.toHours() + "h " + time.toMinutesPart() + "m"
                : time.toMinutes() > 0 ? time.toMinutes() + "m " + time.toSecondsPart() + "s" : time.toSeconds() + "s";
    }

    @Override
    public synchronized void at(Progress progress) {
        if (line.isTerminal()) {
            // What matters comes first: the end is what a narrow terminal cuts off.
            line.show(progress.files().isEmpty() ? what + ": " + text(progress)
                    : ProgressBar.text(progress.done(), progress.total()) + "  " + amount(progress) + ", " + pace(progress) + "  " + what);
        } else if (System.nanoTime() - lastWritten >= QUIET_NANOS) {
            lastWritten = System.nanoTime();
            line.print(what + ": " + text(progress));
        }
    }

    @Override
    public void close() {
        line.close();
    }
}
