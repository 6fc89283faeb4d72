package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Expr.CallArguments;
import dev.lorikeet.chat.jinja.Expr.Named;
import dev.lorikeet.chat.jinja.Expr.UnaryOperator;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/// Parses literals and names, and what may follow them: attributes, subscripts, calls, filters and tests.
final class OperandParser {
    private static final int MAX_DIGITS = 4_300;

    private final TokenStream in;
    private final ExpressionParser expressions;

    OperandParser(TokenStream in, ExpressionParser expressions) {
        this.in = in;
        this.expressions = expressions;
    }

    Expr primary() {
        Token token = in.current();
        int at = token.offset();
        return switch (token.kind()) {
            case NAME -> {
                in.next();
                yield name(token);
            }
            case STRING -> strings();
            case INTEGER -> {
                in.next();
                yield new Expr.Const(integer(token), at);
            }
            case FLOAT -> {
                in.next();
                yield new Expr.Const(Double.parseDouble(token.text()), at);
            }
            case OPERATOR -> bracketed(token);
            case DATA, VARIABLE_BEGIN, VARIABLE_END, BLOCK_BEGIN, BLOCK_END, END ->
                throw in.fail("unexpected " + token.described());
        };
    }

    private Expr name(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Expr.Const(true, token.offset());
            case "false", "False" -> new Expr.Const(false, token.offset());
            case "none", "None" -> new Expr.Const(null, token.offset());
            default -> {
                expressions.read(token.text());
                yield new Expr.Name(token.text().intern(), token.offset());
            }
        };
    }

    private Expr strings() {
        int at = in.current().offset();
        StringBuilder joined = new StringBuilder();
        while (in.is(Token.Kind.STRING)) {
            joined.append(in.next().text());
        }
        return new Expr.Const(Text.of(joined.toString()), at);
    }

    private Object integer(Token token) {
        String digits = token.text().toLowerCase(java.util.Locale.ROOT);
        if (digits.length() > MAX_DIGITS) {
            throw in.source.fail("an integer of more than " + MAX_DIGITS + " digits", token.offset());
        }
        int radix = digits.startsWith("0x") ? 16 : digits.startsWith("0o") ? 8 : digits.startsWith("0b") ? 2 : 10;
        return Numbers.normal(new BigInteger(radix == 10 ? digits : digits.substring(2), radix));
    }

    private Expr bracketed(Token token) {
        switch (token.text()) {
            case "(" -> {
                in.next();
                Expr value = tuple(true, true, "");
                in.expectOperator(")");
                return value;
            }
            case "[" -> {
                in.next();
                List<Expr> items = new ArrayList<>();
                while (!in.isOperator("]")) {
                    separator(items.isEmpty());
                    if (!in.isOperator("]")) {
                        items.add(expressions.expression());
                    }
                }
                in.next();
                return new Expr.Items(List.copyOf(items), false, token.offset());
            }
            case "{" -> {
                return dict(token);
            }
            default -> throw in.fail("unexpected " + token.described());
        }
    }

    private Expr dict(Token open) {
        in.next();
        List<Expr> keys = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!in.isOperator("}")) {
            separator(keys.isEmpty());
            if (!in.isOperator("}")) {
                keys.add(expressions.expression());
                in.expectOperator(":");
                values.add(expressions.expression());
            }
        }
        in.next();
        return new Expr.Pairs(List.copyOf(keys), List.copyOf(values), open.offset());
    }

    private void separator(boolean first) {
        if (!first) {
            in.expectOperator(",");
        }
    }

    /// Jinja's `parse_tuple`: `endName` is a keyword that ends it besides the end of the tag.
    Expr tuple(boolean withConditional, boolean parenthesised, String endName) {
        int at = in.current().offset();
        List<Expr> items = new ArrayList<>();
        boolean isTuple = false;
        while (true) {
            separator(items.isEmpty());
            if (endsTuple(endName)) {
                break;
            }
            items.add(withConditional ? expressions.conditional() : nestedOr());
            if (!in.isOperator(",")) {
                break;
            }
            isTuple = true;
        }
        if (!isTuple && !items.isEmpty()) {
            return items.getFirst();
        }
        if (!isTuple && !parenthesised) {
            throw in.fail("Expected an expression, got " + in.current().described());
        }
        return new Expr.Items(List.copyOf(items), true, at);
    }

    private Expr nestedOr() {
        in.enter();
        Expr value = expressions.or();
        in.leave();
        return value;
    }

    private boolean endsTuple(String endName) {
        return in.is(Token.Kind.VARIABLE_END)
                || in.is(Token.Kind.BLOCK_END)
                || in.isOperator(")")
                || !endName.isEmpty() && in.isName(endName);
    }

    Expr postfix(Expr operand) {
        Expr value = operand;
        while (true) {
            if (in.isOperator(".") || in.isOperator("[")) {
                value = subscript(value);
            } else if (in.isOperator("(")) {
                int at = in.current().offset();
                value = new Expr.Call(value, callArguments(), at);
            } else {
                return value;
            }
        }
    }

    private Expr subscript(Expr of) {
        Token open = in.next();
        if (open.text().equals(".")) {
            Token attribute = in.next();
            return switch (attribute.kind()) {
                case NAME -> new Expr.Attribute(of, attribute.text().intern(), attribute.offset());
                case INTEGER -> new Expr.Subscript(of, new Expr.Const(integer(attribute), attribute.offset()),
                        attribute.offset());
                default -> throw in.source.fail("expected name or number", attribute.offset());
            };
        }
        Expr first = subscribed(of, open.offset());
        if (in.skipOperator("]")) {
            return first instanceof Expr.Slice ? first : new Expr.Subscript(of, first, open.offset());
        }
        List<Expr> items = new ArrayList<>(List.of(first));
        while (!in.skipOperator("]")) {
            in.expectOperator(",");
            items.add(expressions.expression());
        }
        return new Expr.Subscript(of, new Expr.Items(List.copyOf(items), true, open.offset()), open.offset());
    }

    private Expr subscribed(Expr of, int at) {
        Expr none = new Expr.Const(null, at);
        if (in.isOperator("]")) {
            return new Expr.Items(List.of(), true, at);
        }
        Expr start = none;
        if (!in.isOperator(":")) {
            start = expressions.expression();
            if (!in.isOperator(":")) {
                return start;
            }
        }
        in.next();
        Expr stop = in.isOperator(":") || in.isOperator("]") || in.isOperator(",") ? none : expressions.expression();
        Expr step = none;
        if (in.skipOperator(":") && !in.isOperator("]") && !in.isOperator(",")) {
            step = expressions.expression();
        }
        return new Expr.Slice(of, start, stop, step, at);
    }

    Expr filters(Expr operand) {
        Expr value = operand;
        while (true) {
            if (in.isOperator("|")) {
                in.next();
                value = filter(value);
            } else if (in.isName("is")) {
                value = test(value);
            } else if (in.isOperator("(")) {
                int at = in.current().offset();
                value = new Expr.Call(value, callArguments(), at);
            } else {
                return value;
            }
        }
    }

    /// The filters of a block: the first comes without `|`.
    Expr blockFilters(Expr captured, boolean firstInline) {
        Expr value = firstInline ? filter(captured) : captured;
        while (in.skipOperator("|")) {
            value = filter(value);
        }
        return value;
    }

    private Expr filter(Expr value) {
        int at = in.current().offset();
        String name = dottedName();
        if (!expressions.lenient() && Filters.find(name) == null) {
            throw in.source.fail("No filter named '" + name + "'.", at);
        }
        CallArguments arguments = in.isOperator("(") ? callArguments() : CallArguments.NONE;
        return new Expr.Filter(value, name, arguments, at);
    }

    private Expr test(Expr value) {
        in.next();
        boolean negated = in.skipName("not");
        int at = in.current().offset();
        String name = dottedName();
        if (!expressions.lenient() && Tests.find(name) == null) {
            throw in.source.fail("No test named '" + name + "'.", at);
        }
        CallArguments arguments = CallArguments.NONE;
        if (in.isOperator("(")) {
            arguments = callArguments();
        } else if (startsTestArgument()) {
            if (in.isName("is")) {
                throw in.fail("You cannot chain multiple tests with is");
            }
            in.enter();
            arguments = new CallArguments(List.of(postfix(primary())), List.of(), null, null);
            in.leave();
        }
        Expr test = new Expr.Test(value, name, arguments, at);
        return negated ? new Expr.Unary(UnaryOperator.NOT, test, at) : test;
    }

    private boolean startsTestArgument() {
        Token token = in.current();
        return switch (token.kind()) {
            case NAME -> !token.text().equals("else") && !token.text().equals("or") && !token.text().equals("and");
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> token.text().equals("(") || token.text().equals("[") || token.text().equals("{");
            default -> false;
        };
    }

    private String dottedName() {
        StringBuilder name = new StringBuilder(in.expect(Token.Kind.NAME, "name").text());
        while (in.skipOperator(".")) {
            name.append('.').append(in.expect(Token.Kind.NAME, "name").text());
        }
        return name.toString().intern();
    }

    CallArguments callArguments() {
        in.expectOperator("(");
        List<Expr> positional = new ArrayList<>();
        List<Named> named = new ArrayList<>();
        Expr spread = null;
        Expr spreadNamed = null;
        boolean first = true;
        while (!in.isOperator(")")) {
            separator(first);
            if (in.isOperator(")")) {
                break;
            }
            first = false;
            if (spread == null && spreadNamed == null && in.skipOperator("*")) {
                spread = expressions.expression();
            } else if (spreadNamed == null && in.skipOperator("**")) {
                spreadNamed = expressions.expression();
            } else if (spreadNamed == null && in.is(Token.Kind.NAME) && in.look().isOperator("=")) {
                String name = in.next().text();
                in.next();
                named.add(new Named(name, expressions.expression()));
            } else if (named.isEmpty() && spread == null && spreadNamed == null) {
                positional.add(expressions.expression());
            } else {
                throw in.fail("invalid syntax for function call expression");
            }
        }
        in.next();
        return new CallArguments(List.copyOf(positional), List.copyOf(named), spread, spreadNamed);
    }
}
