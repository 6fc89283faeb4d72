package dev.lorikeet.chat.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Splits a template into tokens as Jinja does with `trim_blocks` and `lstrip_blocks` on.
final class Lexer {
    private static final Pattern RAW_BEGIN = Pattern.compile("\\{%[-+]?\\s*raw\\s*(-%\\}|%\\})");
    private static final Pattern RAW_END = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}");

    private final Source source;
    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    /// Whether the character before `at` is a line end, or there is none.
    private boolean lineStarting = true;

    Lexer(Source source) {
        this.source = source;
        this.text = source.text();
    }

    List<Token> tokens() {
        while (at < text.length()) {
            int tag = nextTag(at);
            if (tag < 0) {
                data(at, text.length());
                at = text.length();
                break;
            }
            readTag(tag);
        }
        add(Token.Kind.END, "", text.length());
        return tokens;
    }

    private int nextTag(int from) {
        for (int i = text.indexOf('{', from); i >= 0 && i + 1 < text.length(); i = text.indexOf('{', i + 1)) {
            char next = text.charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    private void readTag(int tag) {
        char type = text.charAt(tag + 1);
        char sign = tag + 2 < text.length() ? text.charAt(tag + 2) : ' ';
        int body = sign == '-' || sign == '+' ? tag + 3 : tag + 2;
        dataBefore(tag, sign, type != '{');
        if (type == '#') {
            readComment(tag, body);
            return;
        }
        Matcher raw = RAW_BEGIN.matcher(text).region(tag, text.length());
        if (type == '%' && raw.lookingAt()) {
            readRaw(tag, raw.group(1).startsWith("-") ? skipSpace(raw.end()) : raw.end());
            return;
        }
        add(type == '%' ? Token.Kind.BLOCK_BEGIN : Token.Kind.VARIABLE_BEGIN, "", tag);
        at = new ExpressionLexer(source, tokens).read(body, type == '%');
        lineStarting = text.charAt(at - 1) == '\n';
    }

    /// Template text up to a tag, stripped as the tag's sign asks; a tag alone on its line loses its indentation.
    private void dataBefore(int tag, char sign, boolean lstrip) {
        int end = tag;
        if (sign == '-') {
            while (end > at && Characters.isSpace(text.charAt(end - 1))) {
                end--;
            }
        } else if (sign != '+' && lstrip) {
            int line = tag;
            while (line > at && text.charAt(line - 1) != '\n') {
                line--;
            }
            if (line > at || lineStarting) {
                end = skipSpace(line) >= tag ? line : tag;
            }
        }
        data(at, end);
    }

    private void readComment(int tag, int body) {
        if (body >= text.length()) {
            at = text.length();
            return;
        }
        int close = text.indexOf("#}", body);
        if (close < 0) {
            throw source.fail("Missing end of comment tag", tag);
        }
        char sign = close > body ? text.charAt(close - 1) : ' ';
        at = afterTag(close + 2, sign);
    }

    private void readRaw(int tag, int body) {
        if (body >= text.length()) {
            at = text.length();
            return;
        }
        Matcher end = RAW_END.matcher(text).region(body, text.length());
        if (!end.find()) {
            throw source.fail("Missing end of raw directive", tag);
        }
        at = body;
        lineStarting = text.charAt(body - 1) == '\n';
        dataBefore(end.start(), end.group(1).isEmpty() ? ' ' : end.group(1).charAt(0), true);
        at = afterTag(end.end(), end.group(2).isEmpty() ? ' ' : end.group(2).charAt(0));
    }

    /// Where the text goes on after a block or a comment: `trim_blocks` takes one line end.
    private int afterTag(int end, char sign) {
        int next = end;
        if (sign == '-') {
            next = skipSpace(end);
        } else if (sign != '+' && end < text.length() && text.charAt(end) == '\n') {
            next = end + 1;
        }
        lineStarting = text.charAt(next - 1) == '\n';
        return next;
    }

    private int skipSpace(int from) {
        return Characters.skipSpace(text, from);
    }

    private void data(int from, int to) {
        if (to > from) {
            add(Token.Kind.DATA, text.substring(from, to), from);
        }
    }

    private void add(Token.Kind kind, String value, int offset) {
        tokens.add(new Token(kind, value, offset));
    }
}
