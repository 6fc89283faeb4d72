package dev.lorikeet.chat.jinja;

/// Python's classes of characters, where Java's differ.
final class Characters {
    private Characters() {}

    /// `str.isspace` of one character; also what `strip` and `split` take away.
    static boolean isSpace(int c) {
        return c == ' '
                || c >= 0x09 && c <= 0x0d
                || c >= 0x1c && c <= 0x1f
                || c == 0x85
                || c == 0xa0
                || c == 0x1680
                || c >= 0x2000 && c <= 0x200a
                || c == 0x2028
                || c == 0x2029
                || c == 0x202f
                || c == 0x205f
                || c == 0x3000;
    }

    /// Where `str.splitlines` splits.
    static boolean isLineEnd(char c) {
        return c >= 0x0a && c <= 0x0d || c >= 0x1c && c <= 0x1e || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    static int skipSpace(String text, int from) {
        int i = from;
        while (i < text.length() && isSpace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    /// `str.isprintable` of one character: everything else is escaped by `repr`.
    static boolean isPrintable(int c) {
        if (c == ' ') {
            return true;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR -> false;
            default -> true;
        };
    }

    /// The `\w` of Python's regular expressions.
    static boolean isWord(int c) {
        return c == '_' || isAlphanumeric(c);
    }

    static boolean isAlpha(int c) {
        return Character.isLetter(c);
    }

    static boolean isAlphanumeric(int c) {
        return isAlpha(c) || isNumeric(c);
    }

    static boolean isDecimal(int c) {
        return Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER;
    }

    /// Decimals and the superscript, subscript and circled digits.
    static boolean isDigit(int c) {
        return isDecimal(c)
                || c == 0xb2
                || c == 0xb3
                || c == 0xb9
                || c == 0x2070
                || c >= 0x2074 && c <= 0x2079
                || c >= 0x2080 && c <= 0x2089
                || c >= 0x2460 && c <= 0x2468
                || c >= 0x2474 && c <= 0x247c
                || c >= 0x2488 && c <= 0x2490;
    }

    static boolean isNumeric(int c) {
        int type = Character.getType(c);
        return type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.OTHER_NUMBER
                || type == Character.LETTER_NUMBER
                || "一二三四五六七八九十百千万億兆零〇壹貳參肆伍陸柒捌玖拾".indexOf(c) >= 0;
    }
}
