package dev.lorikeet.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Operations on strings that keep the mark of every character.
final class Strings {
    private final Budget budget;

    Strings(Budget budget) {
        this.budget = budget;
    }

    Text concat(Text a, Text b) {
        if (a.markup || b.markup) {
            return plainConcat(escape(a), escape(b)).asMarkup();
        }
        return plainConcat(a, b);
    }

    private Text plainConcat(Text a, Text b) {
        if (a.isEmpty()) {
            return b.asPlain();
        }
        if (b.isEmpty()) {
            return a.asPlain();
        }
        budget.text((long) a.string.length() + b.string.length());
        if (a.runCount() == 1 && b.runCount() == 1 && a.runMark(0) == b.runMark(0)) {
            return new Text(a.string.concat(b.string), a.runMark(0));
        }
        return budget.finish(budget.builder().append(a).append(b));
    }

    /// HTML escaping: what adding a plain string to `Markup` does to it.
    Text escape(Text text) {
        if (text.markup) {
            return text;
        }
        Text escaped = text;
        String[][] entities = {{"&", "&amp;"}, {">", "&gt;"}, {"<", "&lt;"}, {"'", "&#39;"}, {"\"", "&#34;"}};
        for (String[] entity : entities) {
            escaped = replace(escaped, Text.of(entity[0]), Text.of(entity[1]), -1);
        }
        return escaped.asMarkup();
    }

    Text repeat(Text text, Object times) {
        long n = Math.max(0, Numbers.index(times));
        budget.text(n * text.string.length());
        if (text.runCount() == 1) {
            return new Text(text.string.repeat((int) (text.isEmpty() ? 0 : n)), text.runMark(0), null, text.markup);
        }
        TextBuilder out = budget.builder();
        for (long i = 0; i < n; i++) {
            out.append(text);
        }
        return budget.finish(out);
    }

    /// Strips white space, or the characters in `characters`.
    Text strip(Text text, Text characters, boolean left, boolean right) {
        String s = text.string;
        int from = 0;
        int to = s.length();
        while (left && from < to && strips(s.codePointAt(from), characters)) {
            from += Character.charCount(s.codePointAt(from));
        }
        while (right && to > from && strips(s.codePointBefore(to), characters)) {
            to -= Character.charCount(s.codePointBefore(to));
        }
        budget.steps(s.length() / 64);
        return text.substring(from, to);
    }

    private static boolean strips(int c, Text characters) {
        return characters == null ? Characters.isSpace(c) : characters.string.indexOf(c) >= 0;
    }

    /// Replaces `find`, at most `count` times where that is not negative; an empty `find` is between all characters.
    Text replace(Text text, Text find, Text with, int count) {
        String s = text.string;
        budget.text(s.length());
        if (count == 0 || !find.isEmpty() && Search.indexOf(s, find.string, 0) < 0) {
            return text;
        }
        TextBuilder out = budget.builder();
        int from = 0;
        int left = count < 0 ? Integer.MAX_VALUE : count;
        int hit = Search.indexOf(s, find.string, 0);
        while (hit >= 0 && left-- > 0) {
            out.append(text, from, hit).append(with);
            budget.step();
            from = hit + find.string.length();
            if (find.isEmpty()) {
                if (hit >= s.length()) {
                    break;
                }
                int next = hit + Character.charCount(s.codePointAt(hit));
                out.append(text, hit, next);
                from = next;
                hit = next;
            } else {
                hit = Search.indexOf(s, find.string, from);
            }
        }
        out.append(text, Math.min(from, s.length()), s.length());
        return budget.finish(out);
    }

    List<Object> split(Text text, Text separator, int max) {
        return separator == null ? splitOnSpace(text, max) : splitOn(text, separator, max);
    }

    private List<Object> splitOn(Text text, Text separator, int max) {
        requireSeparator(separator);
        List<Object> parts = new ArrayList<>();
        int from = 0;
        int hit = Search.indexOf(text.string, separator.string, 0);
        while (hit >= 0 && (max < 0 || parts.size() < max)) {
            add(parts, text.substring(from, hit));
            from = hit + separator.string.length();
            hit = Search.indexOf(text.string, separator.string, from);
        }
        add(parts, text.substring(from, text.string.length()));
        return parts;
    }

    private List<Object> splitOnSpace(Text text, int max) {
        List<Object> parts = new ArrayList<>();
        String s = text.string;
        int from = Characters.skipSpace(s, 0);
        while (from < s.length()) {
            if (max >= 0 && parts.size() >= max) {
                add(parts, text.substring(from, s.length()));
                break;
            }
            int to = from;
            while (to < s.length() && !Characters.isSpace(s.charAt(to))) {
                to++;
            }
            add(parts, text.substring(from, to));
            from = Characters.skipSpace(s, to);
        }
        return parts;
    }

    List<Object> rsplit(Text text, Text separator, int max) {
        if (max < 0) {
            return split(text, separator, -1);
        }
        List<Object> parts = new ArrayList<>();
        Text rest = separator == null ? strip(text, null, false, true) : text;
        while (parts.size() < max) {
            int end = separator == null ? lastSpace(rest.string) : Search.lastIndexOf(rest.string, separator.string);
            if (separator != null) {
                requireSeparator(separator);
            }
            if (end < 0) {
                break;
            }
            int width = separator == null ? 1 : separator.string.length();
            add(parts, rest.substring(end + width, rest.string.length()));
            rest = rest.substring(0, end);
            rest = separator == null ? strip(rest, null, false, true) : rest;
        }
        if (separator != null || !rest.isEmpty()) {
            add(parts, rest);
        }
        return new ArrayList<>(parts.reversed());
    }

    private static int lastSpace(String s) {
        int i = s.length() - 1;
        while (i >= 0 && !Characters.isSpace(s.charAt(i))) {
            i--;
        }
        return i;
    }

    private static void requireSeparator(Text separator) {
        if (separator.isEmpty()) {
            throw PythonError.value("empty separator");
        }
    }

    List<Object> splitLines(Text text, boolean keepEnds) {
        List<Object> lines = new ArrayList<>();
        String s = text.string;
        int from = 0;
        int i = 0;
        while (i < s.length()) {
            char c = s.charAt(i++);
            if (Characters.isLineEnd(c)) {
                int end = i - 1;
                if (c == '\r' && i < s.length() && s.charAt(i) == '\n') {
                    i++;
                }
                add(lines, text.substring(from, keepEnds ? i : end));
                from = i;
            }
        }
        if (from < s.length()) {
            add(lines, text.substring(from, s.length()));
        }
        return lines;
    }

    private void add(List<Object> parts, Text part) {
        parts.add(part);
        budget.item(parts.size());
        budget.steps(part.string.length() / 64);
    }

    Text join(Text separator, List<Text> parts) {
        TextBuilder out = budget.builder();
        boolean first = true;
        for (Text part : parts) {
            if (!first) {
                out.append(separator);
            }
            first = false;
            budget.step();
            out.append(part);
        }
        return budget.finish(out);
    }

    /// Fills up to a width in code points; `left` is how many fill characters come before.
    Text pad(Text text, int left, int right, Text fill) {
        if (left <= 0 && right <= 0) {
            return text;
        }
        budget.text((long) Math.max(0, left) + text.string.length() + Math.max(0, right));
        TextBuilder out = budget.builder();
        out.append(repeat(fill, (long) left)).append(text).append(repeat(fill, (long) right));
        return budget.finish(out);
    }

    static Text upper(Text text) {
        return text.mapped(text.string.toUpperCase(Locale.ROOT));
    }

    static Text lower(Text text) {
        return text.mapped(text.string.toLowerCase(Locale.ROOT));
    }

    static Text capitalize(Text text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.string.codePointAt(0);
        int width = Character.charCount(first);
        return text.mapped(titleCase(first) + text.string.substring(width).toLowerCase(Locale.ROOT));
    }

    /// `str.title`: a letter behind anything without case is a capital.
    static Text title(Text text) {
        StringBuilder out = new StringBuilder(text.string.length());
        boolean inWord = false;
        for (int i = 0; i < text.string.length(); ) {
            int c = text.string.codePointAt(i);
            i += Character.charCount(c);
            if (inWord) {
                out.append(Character.toString(c).toLowerCase(Locale.ROOT));
            } else {
                out.append(titleCase(c));
            }
            inWord = isCased(c);
        }
        return text.mapped(out.toString());
    }

    static boolean isCased(int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }

    private static String titleCase(int c) {
        String upper = Character.toString(c).toUpperCase(Locale.ROOT);
        int title = Character.toTitleCase(c);
        if (upper.codePointCount(0, upper.length()) > 1) {
            return upper.substring(0, 1) + upper.substring(1).toLowerCase(Locale.ROOT);
        }
        return Character.toString(title);
    }

    static Text swapCase(Text text) {
        StringBuilder out = new StringBuilder(text.string.length());
        text.string.codePoints().forEach(c -> {
            String one = Character.toString(c);
            out.append(Character.isUpperCase(c) ? one.toLowerCase(Locale.ROOT) : one.toUpperCase(Locale.ROOT));
        });
        return text.mapped(out.toString());
    }
}
