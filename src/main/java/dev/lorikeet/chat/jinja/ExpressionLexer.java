package dev.lorikeet.chat.jinja;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the tokens between `{{` or `{%` and the matching end.
final class ExpressionLexer {
    private static final Pattern FLOAT =
            Pattern.compile("(\\d+_)*\\d+((\\.(\\d+_)*\\d+)?[eE][+-]?(\\d+_)*\\d+|\\.(\\d+_)*\\d+)");
    private static final Pattern INTEGER =
            Pattern.compile("0[bB](_?[01])+|0[oO](_?[0-7])+|0[xX](_?[0-9a-fA-F])+|[1-9](_?\\d)*|0(_?0)*");
    private static final List<String> LONG_OPERATORS = List.of("**", "//", "==", "!=", ">=", "<=");
    private static final String OPERATORS = "+-/*%~[](){}><=.:|,;";

    private final Source source;
    private final String text;
    private final List<Token> tokens;
    private final Deque<Character> brackets = new ArrayDeque<>();
    private int at;

    ExpressionLexer(Source source, List<Token> tokens) {
        this.source = source;
        this.text = source.text();
        this.tokens = tokens;
    }

    /// Reads from `start` and returns the place after the end of the tag.
    int read(int start, boolean block) {
        at = start;
        while (true) {
            at = Characters.skipSpace(text, at);
            if (at >= text.length()) {
                throw source.fail("unexpected end of template inside a tag", start - 2);
            }
            if (brackets.isEmpty()) {
                int end = endOfTag(block);
                if (end >= 0) {
                    add(block ? Token.Kind.BLOCK_END : Token.Kind.VARIABLE_END, "", at);
                    return end;
                }
            }
            token();
        }
    }

    private int endOfTag(boolean block) {
        String close = block ? "%}" : "}}";
        if (text.startsWith("-" + close, at)) {
            return Characters.skipSpace(text, at + 3);
        }
        if (block && text.startsWith("+" + close, at)) {
            return at + 3;
        }
        if (!text.startsWith(close, at)) {
            return -1;
        }
        return block && text.startsWith("\n", at + 2) ? at + 3 : at + 2;
    }

    private void token() {
        char c = text.charAt(at);
        if (c >= '0' && c <= '9') {
            number();
        } else if (c == '"' || c == '\'') {
            string(c);
        } else if (Character.isUnicodeIdentifierStart(c) || c == '_') {
            int end = at;
            while (end < text.length() && Characters.isWord(text.charAt(end))) {
                end++;
            }
            add(Token.Kind.NAME, text.substring(at, Math.max(end, at + 1)), at);
            at = Math.max(end, at + 1);
        } else {
            operator(c);
        }
    }

    private void number() {
        boolean afterDot = at > 0 && text.charAt(at - 1) == '.';
        Matcher real = FLOAT.matcher(text).region(at, text.length());
        if (!afterDot && real.lookingAt()) {
            add(Token.Kind.FLOAT, real.group().replace("_", ""), at);
            at = real.end();
            return;
        }
        Matcher integer = INTEGER.matcher(text).region(at, text.length());
        integer.lookingAt();
        add(Token.Kind.INTEGER, integer.group().replace("_", ""), at);
        at = integer.end();
    }

    private void string(char quote) {
        int i = at + 1;
        while (i < text.length() && text.charAt(i) != quote) {
            i += text.charAt(i) == '\\' ? 2 : 1;
        }
        if (i >= text.length()) {
            throw source.fail("unexpected char " + quote + ": the string does not end", at);
        }
        add(Token.Kind.STRING, unescape(text.substring(at + 1, i)), at);
        at = i + 1;
    }

    private void operator(char c) {
        String operator = LONG_OPERATORS.stream()
                .filter(long2 -> text.startsWith(long2, at))
                .findFirst()
                .orElse(String.valueOf(c));
        if (operator.length() == 1 && OPERATORS.indexOf(c) < 0) {
            throw source.fail("unexpected char '" + c + "'", at);
        }
        switch (c) {
            case '(' -> brackets.push(')');
            case '[' -> brackets.push(']');
            case '{' -> brackets.push('}');
            case ')', ']', '}' -> {
                if (brackets.isEmpty()) {
                    throw source.fail("unexpected '" + c + "'", at);
                }
                char expected = brackets.pop();
                if (expected != c) {
                    throw source.fail("unexpected '" + c + "', expected '" + expected + "'", at);
                }
            }
            default -> {}
        }
        add(Token.Kind.OPERATOR, operator, at);
        at += operator.length();
    }

    private void add(Token.Kind kind, String value, int offset) {
        tokens.add(new Token(kind, value, offset));
    }

    /// Python's string escapes; an unknown one keeps its backslash.
    private String unescape(String raw) {
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        StringBuilder out = new StringBuilder(raw.length());
        int i = 0;
        while (i < raw.length()) {
            char c = raw.charAt(i++);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char escape = raw.charAt(i++);
            switch (escape) {
                case '\n' -> {}
                case '\\', '\'', '"' -> out.append(escape);
                case 'a' -> out.append('\u0007');
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case 'v' -> out.append('\u000b');
                case 'x' -> i = code(raw, i, 2, 16, out);
                case 'u' -> i = code(raw, i, 4, 16, out);
                case 'U' -> i = code(raw, i, 8, 16, out);
                case '0', '1', '2', '3', '4', '5', '6', '7' -> i = code(raw, i - 1, octalDigits(raw, i - 1), 8, out);
                default -> out.append('\\').append(escape);
            }
        }
        return out.toString();
    }

    private static int octalDigits(String raw, int from) {
        int n = 1;
        while (n < 3 && from + n < raw.length() && raw.charAt(from + n) >= '0' && raw.charAt(from + n) <= '7') {
            n++;
        }
        return n;
    }

    private int code(String raw, int from, int digits, int radix, StringBuilder out) {
        try {
            out.appendCodePoint(Integer.parseInt(raw, from, from + digits, radix));
        } catch (IllegalArgumentException | IndexOutOfBoundsException _) {
            throw source.fail("truncated or wrong escape in a string", at);
        }
        return from + digits;
    }
}
