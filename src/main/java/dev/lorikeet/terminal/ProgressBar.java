package dev.lorikeet.terminal;

/// `[=======>            ]  38%`. In ASCII, since blocks and lines are one or two columns wide, as a terminal pleases.
final class ProgressBar {
    private static final int COLUMNS = 24;

    private ProgressBar() {}

    static String text(long done, long total) {
        double fraction = total == 0 ? 1 : Math.clamp((double) done / total, 0, 1);
        int full = (int) (fraction * COLUMNS);
        String head = full < COLUMNS ? ">" + " ".repeat(COLUMNS - full - 1) : "";
        return "[" + "=".repeat(full) + head + "] " + String.format(java.util.Locale.ROOT, "%3d%%", (int) (fraction * 100));
    }
}
