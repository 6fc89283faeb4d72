package dev.lorikeet.rag;

import java.util.ArrayList;
import java.util.List;

/// Where the sentences of a text end: after `.`, `!`, `?`, `…` or their East Asian forms where a blank or the end follows, brackets and quotation
/// marks that close taken along, and at line ends. Java's own rules break no Korean sentence.
final class Sentences {
    private static final String ENDS = ".!?…。！？";
    private static final String CLOSING = "\"'”’)]」』】》〉";

    private Sentences() {}

    /// Characters `start` to `end` of the text, `end` not included; blanks around sentences are in none.
    record Range(int start, int end) {}

    static List<Range> of(String text) {
        List<Range> ranges = new ArrayList<>();
        int start = 0;
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i++);
            if (c == '\n') {
                add(ranges, text, start, i);
                start = i;
            } else if (ENDS.indexOf(c) >= 0) {
                i = behind(text, i);
                if (i == text.length() || Character.isWhitespace(text.charAt(i)) || c > 'ⁿ') {
                    add(ranges, text, start, i);
                    start = i;
                }
            }
        }
        add(ranges, text, start, text.length());
        return ranges;
    }

    private static int behind(String text, int from) {
        int i = from;
        while (i < text.length() && (ENDS.indexOf(text.charAt(i)) >= 0 || CLOSING.indexOf(text.charAt(i)) >= 0)) {
            i++;
        }
        return i;
    }

    private static void add(List<Range> ranges, String text, int start, int end) {
        int from = start;
        int to = end;
        while (from < to && Character.isWhitespace(text.charAt(from))) {
            from++;
        }
        while (to > from && Character.isWhitespace(text.charAt(to - 1))) {
            to--;
        }
        if (to > from) {
            ranges.add(new Range(from, to));
        }
    }
}
