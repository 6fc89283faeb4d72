package dev.lorikeet.chat.jinja;

/// A Python string that knows where each of its characters came from.
///
/// A *mark* is the origin shifted left by one, plus one for text written inside a `generation` block.
/// Almost every string has a single mark; only a mixture pays for `runs`, pairs of (end, mark) in order.
/// Equality, order and hash look at the characters alone.
final class Text implements Comparable<Text> {
    static final Text EMPTY = new Text("", 0);

    final String string;
    /// The `Markup` of Python: what `safe` returns. Adding a plain string to it escapes that string.
    final boolean markup;
    private final int mark;
    private final int[] runs;
    private int codePoints = -1;

    Text(String string, int mark) {
        this(string, mark, null, false);
    }

    Text(String string, int mark, int[] runs, boolean markup) {
        this.string = string;
        this.mark = mark;
        this.runs = runs;
        this.markup = markup;
    }

    /// Text of the template itself.
    static Text of(String string) {
        return new Text(string, 0);
    }

    static int markOf(int origin, boolean generated) {
        return origin << 1 | (generated ? 1 : 0);
    }

    static int originOf(int mark) {
        return mark >>> 1;
    }

    static boolean isGenerated(int mark) {
        return (mark & 1) != 0;
    }

    /// The mark of text made from both: anything made with a source's text belongs to that source.
    static int blend(int a, int b) {
        if (a == b) {
            return a;
        }
        int first = originOf(a);
        int second = originOf(b);
        int origin = first == second || second == 0 ? first : first == 0 ? second : Sourced.UNSPECIFIED;
        return markOf(origin, isGenerated(a) || isGenerated(b));
    }

    Text asMarkup() {
        return markup ? this : new Text(string, mark, runs, true);
    }

    Text asPlain() {
        return markup ? new Text(string, mark, runs, false) : this;
    }

    boolean isEmpty() {
        return string.isEmpty();
    }

    /// The length as Python counts it, in code points.
    int length() {
        if (codePoints < 0) {
            codePoints = string.codePointCount(0, string.length());
        }
        return codePoints;
    }

    /// The place in `string` of the code point `index`.
    int offset(int index) {
        return length() == string.length() ? index : string.offsetByCodePoints(0, index);
    }

    /// The places of all code points.
    int[] offsets() {
        int[] offsets = new int[length()];
        int at = 0;
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = at;
            at += Character.charCount(string.codePointAt(at));
        }
        return offsets;
    }

    int codePointIndex(int offset) {
        return length() == string.length() ? offset : string.codePointCount(0, offset);
    }

    Text at(int index) {
        int from = offset(index);
        return substring(from, from + Character.charCount(string.codePointAt(from)));
    }

    /// The characters from one place in `string` to another.
    Text substring(int from, int to) {
        if (from <= 0 && to >= string.length()) {
            return this;
        }
        String part = string.substring(from, Math.max(from, to));
        if (runs == null) {
            return new Text(part, mark, null, markup);
        }
        TextBuilder out = new TextBuilder(Integer.MAX_VALUE);
        out.append(this, from, Math.max(from, to));
        Text text = out.toText();
        return markup ? text.asMarkup() : text;
    }

    /// `result` replaces the characters, as `upper` does; where lengths differ the whole is blended.
    Text mapped(String result) {
        if (result.equals(string)) {
            return this;
        }
        if (runs != null && result.length() == string.length()) {
            return new Text(result, mark, runs, markup);
        }
        return new Text(result, blendedMark(), null, markup);
    }

    int blendedMark() {
        if (runs == null) {
            return mark;
        }
        int all = runs[1];
        for (int i = 3; i < runs.length; i += 2) {
            all = blend(all, runs[i]);
        }
        return all;
    }

    int runCount() {
        return runs == null ? 1 : runs.length / 2;
    }

    int runEnd(int run) {
        return runs == null ? string.length() : runs[2 * run];
    }

    int runMark(int run) {
        return runs == null ? mark : runs[2 * run + 1];
    }

    /// The order of code points, which is Python's.
    @Override
    public int compareTo(Text other) {
        int n = Math.min(string.length(), other.string.length());
        for (int i = 0; i < n; i++) {
            if (string.charAt(i) != other.string.charAt(i)) {
                return Integer.compare(string.codePointAt(i), other.string.codePointAt(i));
            }
        }
        return Integer.compare(string.length(), other.string.length());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Text text && string.equals(text.string);
    }

    @Override
    public int hashCode() {
        return string.hashCode();
    }

    @Override
    public String toString() {
        return string;
    }
}
