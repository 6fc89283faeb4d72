package dev.lorikeet.chat.jinja;

/// Finds one string in another in linear time, whatever a template chose them to be.
final class Search {
    /// Up to here Java's own search, which is quadratic at worst, is quick enough.
    private static final int SHORT = 32;

    private Search() {}

    static int indexOf(String text, String part, int from) {
        if (part.length() <= SHORT || part.length() > text.length() - from) {
            return text.indexOf(part, from);
        }
        int[] borders = borders(part);
        int matched = 0;
        for (int i = from; i < text.length(); i++) {
            while (matched > 0 && part.charAt(matched) != text.charAt(i)) {
                matched = borders[matched - 1];
            }
            matched += part.charAt(matched) == text.charAt(i) ? 1 : 0;
            if (matched == part.length()) {
                return i - matched + 1;
            }
        }
        return -1;
    }

    static int lastIndexOf(String text, String part) {
        if (part.length() <= SHORT || part.length() > text.length()) {
            return text.lastIndexOf(part);
        }
        String reversedText = new StringBuilder(text).reverse().toString();
        String reversedPart = new StringBuilder(part).reverse().toString();
        int hit = indexOf(reversedText, reversedPart, 0);
        return hit < 0 ? -1 : text.length() - hit - part.length();
    }

    /// For each prefix the length of its longest proper prefix that is also its end (Knuth, Morris, Pratt).
    private static int[] borders(String part) {
        int[] borders = new int[part.length()];
        int matched = 0;
        for (int i = 1; i < part.length(); i++) {
            while (matched > 0 && part.charAt(matched) != part.charAt(i)) {
                matched = borders[matched - 1];
            }
            matched += part.charAt(matched) == part.charAt(i) ? 1 : 0;
            borders[i] = matched;
        }
        return borders;
    }
}
