package dev.lorikeet.chat.jinja;

import java.util.List;

/// The tokens of a template, read one after another.
final class TokenStream {
    /// Nested brackets and blocks; more than any real template, far from the end of the stack.
    private static final int MAX_DEPTH = 150;

    final Source source;
    private final List<Token> tokens;
    private int at;
    private int depth;

    TokenStream(Source source) {
        this.source = source;
        this.tokens = new Lexer(source).tokens();
    }

    Token current() {
        return tokens.get(at);
    }

    Token look() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = current();
        if (at + 1 < tokens.size()) {
            at++;
        }
        return token;
    }

    boolean is(Token.Kind kind) {
        return current().kind() == kind;
    }

    boolean isOperator(String operator) {
        return current().isOperator(operator);
    }

    boolean isName(String name) {
        return current().isName(name);
    }

    boolean skipOperator(String operator) {
        boolean found = isOperator(operator);
        if (found) {
            next();
        }
        return found;
    }

    boolean skipName(String name) {
        boolean found = isName(name);
        if (found) {
            next();
        }
        return found;
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    Token expect(Token.Kind kind, String what) {
        if (!is(kind)) {
            throw unexpected(what);
        }
        return next();
    }

    TemplateException unexpected(String expected) {
        return fail("expected " + expected + ", got " + current().described());
    }

    TemplateException fail(String message) {
        return source.fail(message, current().offset());
    }

    void enter() {
        if (++depth > MAX_DEPTH) {
            throw fail("the template is nested deeper than " + MAX_DEPTH);
        }
    }

    void leave() {
        depth--;
    }
}
