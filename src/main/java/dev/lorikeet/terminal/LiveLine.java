package dev.lorikeet.terminal;

import java.io.PrintStream;

/// A line at the bottom of a terminal that is written over again and again, with others above it that stay. Where there is no terminal, there
/// are only those that stay.
public final class LiveLine implements AutoCloseable {
    private static final String BEGIN_AND_CLEAR = "\r\u001b[K";

    private final PrintStream out;
    private final Screen screen;
    private String live = "";

    public LiveLine(PrintStream out, Screen screen) {
        this.out = out;
        this.screen = screen;
    }

    public boolean isTerminal() {
        return screen.isTerminal();
    }

    /// Writes over what was shown before.
    public synchronized void show(String line) {
        if (screen.isTerminal()) {
            live = screen.fit(PlainText.line(line));
            out.print(BEGIN_AND_CLEAR + live);
            out.flush();
        }
    }

    /// Writes a line that stays.
    public synchronized void print(String line) {
        String text = PlainText.of(line);
        out.println(live.isEmpty() ? text : BEGIN_AND_CLEAR + text);
        if (!live.isEmpty()) {
            out.print(live);
            out.flush();
        }
    }

    /// Lets what was shown last stay.
    @Override
    public synchronized void close() {
        if (!live.isEmpty()) {
            out.println();
            live = "";
        }
    }
}
