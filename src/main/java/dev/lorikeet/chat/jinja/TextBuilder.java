package dev.lorikeet.chat.jinja;

import java.util.Arrays;

/// Collects characters with their marks, up to a length.
final class TextBuilder {
    private final StringBuilder string = new StringBuilder();
    private final int limit;
    private int[] runs = new int[8];
    private int used;

    TextBuilder(int limit) {
        this.limit = limit;
    }

    int length() {
        return string.length();
    }

    TextBuilder append(String part, int mark) {
        if (!part.isEmpty()) {
            string.append(part);
            closeRun(mark);
        }
        return this;
    }

    /// Text of the template itself.
    TextBuilder append(String part) {
        return append(part, 0);
    }

    TextBuilder append(Text text) {
        return append(text, 0, text.string.length());
    }

    TextBuilder append(Text text, int from, int to) {
        if (text.runCount() == 1) {
            if (to > from) {
                string.append(text.string, from, to);
                closeRun(text.runMark(0));
            }
            return this;
        }
        int start = from;
        for (int run = 0; run < text.runCount() && start < to; run++) {
            int end = Math.min(text.runEnd(run), to);
            if (end > start) {
                string.append(text.string, start, end);
                closeRun(text.runMark(run));
                start = end;
            }
        }
        return this;
    }

    /// Appends a text written inside a `generation` block.
    void appendGenerated(Text text) {
        int start = 0;
        for (int run = 0; run < text.runCount(); run++) {
            int end = text.runEnd(run);
            append(text.string.substring(start, end), text.runMark(run) | 1);
            start = end;
        }
    }

    private void closeRun(int mark) {
        if (string.length() > limit) {
            throw new BudgetExceeded("a text longer than " + limit + " characters");
        }
        if (used > 0 && runs[used - 1] == mark) {
            runs[used - 2] = string.length();
            return;
        }
        if (used == runs.length) {
            runs = Arrays.copyOf(runs, used * 2);
        }
        runs[used++] = string.length();
        runs[used++] = mark;
    }

    Text toText() {
        if (used == 0) {
            return Text.EMPTY;
        }
        if (used == 2) {
            return new Text(string.toString(), runs[1]);
        }
        return new Text(string.toString(), 0, Arrays.copyOf(runs, used), false);
    }
}
