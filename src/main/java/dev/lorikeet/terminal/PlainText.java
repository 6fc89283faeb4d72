package dev.lorikeet.terminal;

/// Makes text from elsewhere harmless to a terminal. A model, a document or a server may write escape sequences that move the cursor, rename the
/// window, or type for the user; here such characters become visible signs. Lines and tabs stay.
public final class PlainText {
    /// From U+2400 on, each control character has its picture.
    private static final int PICTURES = 0x2400;
    private static final int PICTURE_OF_DELETE = 0x2421;
    private static final int REPLACEMENT = 0xFFFD;

    private PlainText() {}

    public static String of(String text) {
        if (text.codePoints().allMatch(PlainText::isHarmless)) {
            return text;
        }
        var plain = new StringBuilder(text.length());
        text.codePoints().map(PlainText::shown).forEach(plain::appendCodePoint);
        return plain.toString();
    }

    /// As [#of], with the line breaks and tabs shown too, for what must stay on one line.
    public static String line(String text) {
        var plain = new StringBuilder(text.length());
        text.codePoints().map(c -> c == '\n' || c == '\t' ? PICTURES + c : shown(c)).forEach(plain::appendCodePoint);
        return plain.toString();
    }

    private static boolean isHarmless(int c) {
        return shown(c) == c;
    }

    private static int shown(int c) {
        if (c == '\n' || c == '\t') {
            return c;
        }
        if (c < 0x20) {
            return PICTURES + c;
        }
        if (c == 0x7F) {
            return PICTURE_OF_DELETE;
        }
        // C1 controls, halves of characters, and what turns the direction of writing, so that text reads otherwise than it is.
        return c <= 0x9F && c >= 0x80 || c >= 0xD800 && c <= 0xDFFF || isDirection(c) ? REPLACEMENT : c;
    }

    private static boolean isDirection(int c) {
        return c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069;
    }
}
