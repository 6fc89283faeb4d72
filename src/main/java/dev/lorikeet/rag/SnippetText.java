package dev.lorikeet.rag;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Titles and descriptions as NAVER sends them, made plain text.
final class SnippetText {
    private static final Pattern MARKS = Pattern.compile("</?b>", Pattern.CASE_INSENSITIVE);
    private static final Pattern ENTITY = Pattern.compile("&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));");
    private static final Map<String, String> NAMES = names();

    private SnippetText() {}

    /// The marks around matches go first; then entities are resolved once, so that `&amp;lt;` is the text `&lt;` and a literal tag of the page stays.
    static String clean(String raw) {
        return tidy(unescape(MARKS.matcher(raw).replaceAll("")));
    }

    /// Blanks, line ends and control characters become single blanks; characters that nobody sees go.
    static String tidy(String text) {
        return text.replaceAll("[\\s\\p{Cc}\\p{Z}]+", " ").replaceAll("[\\p{Cf}\\p{Co}\\p{Cs}\\p{Cn}&&[^\u200c\u200d]]", "").strip();
    }

    static String unescape(String text) {
        return ENTITY.matcher(text).replaceAll(match -> Matcher.quoteReplacement(resolve(match.group(), match.group(1), match.group(2), match.group(3))));
    }

    private static String resolve(String whole, String decimal, String hexadecimal, String name) {
        if (name != null) {
            return NAMES.getOrDefault(name, whole);
        }
        int character = decimal != null ? Integer.parseInt(decimal) : Integer.parseInt(hexadecimal, 16);
        boolean valid = Character.isValidCodePoint(character) && character != 0 && !(character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE);
        return valid ? Character.toString(character) : "\ufffd";
    }

    private static Map<String, String> names() {
        Map<String, String> names = new HashMap<>(Map.of("quot", "\"", "amp", "&", "lt", "<", "gt", ">", "apos", "'", "nbsp", " ", "middot", "·", "hellip", "…"));
        names.putAll(Map.of("lsquo", "‘", "rsquo", "’", "ldquo", "“", "rdquo", "”", "ndash", "–", "mdash", "—", "copy", "©", "reg", "®"));
        return Map.copyOf(names);
    }
}
