package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Expr.BinaryOperator;
import dev.lorikeet.chat.jinja.Expr.Comparison;
import dev.lorikeet.chat.jinja.Expr.ComparisonOperator;
import dev.lorikeet.chat.jinja.Expr.UnaryOperator;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Parses expressions with Jinja's precedence, from the conditional down to unary operators.
final class ExpressionParser {
    final TokenStream in;
    private final OperandParser operands;
    /// Every name read so far; a macro learns from it whether its body uses `caller`.
    private Set<String> namesRead = new HashSet<>();
    /// Inside an `if`, Jinja looks a filter or test up when it runs, not when it compiles.
    private boolean lenient;

    ExpressionParser(TokenStream in) {
        this.in = in;
        this.operands = new OperandParser(in, this);
    }

    Expr expression() {
        return conditional();
    }

    /// Expressions with commas between them; one with a comma behind it is a tuple, too.
    Expr tuple() {
        return operands.tuple(true, false, "");
    }

    /// The tuple of an `if` or a `for`, whose own keyword `if` or `recursive` must not be eaten.
    Expr tupleBefore(String endName) {
        return operands.tuple(false, false, endName);
    }

    OperandParser operands() {
        return operands;
    }

    Set<String> swapNamesRead(Set<String> names) {
        Set<String> before = namesRead;
        namesRead = names;
        return before;
    }

    void read(String name) {
        namesRead.add(name);
    }

    boolean swapLenient(boolean value) {
        boolean before = lenient;
        lenient = value;
        return before;
    }

    boolean lenient() {
        return lenient;
    }

    Expr conditional() {
        in.enter();
        Token start = in.current();
        int tokensBefore = start.offset();
        boolean before = lenient;
        Expr value = or();
        while (in.skipName("if")) {
            lenient = true;
            Expr test = or();
            Expr otherwise = in.skipName("else") ? conditional() : null;
            lenient = before;
            value = new Expr.Conditional(test, value, otherwise, tokensBefore);
        }
        in.leave();
        return value;
    }

    Expr or() {
        Expr left = and();
        while (in.isName("or")) {
            int at = in.next().offset();
            left = new Expr.Or(left, and(), at);
        }
        return left;
    }

    private Expr and() {
        Expr left = not();
        while (in.isName("and")) {
            int at = in.next().offset();
            left = new Expr.And(left, not(), at);
        }
        return left;
    }

    private Expr not() {
        if (!in.isName("not")) {
            return comparison();
        }
        int at = in.next().offset();
        in.enter();
        Expr operand = not();
        in.leave();
        return new Expr.Unary(UnaryOperator.NOT, operand, at);
    }

    private Expr comparison() {
        int at = in.current().offset();
        Expr first = sum();
        List<Comparison> rest = new ArrayList<>();
        while (true) {
            ComparisonOperator operator = comparisonOperator();
            if (operator == null) {
                return rest.isEmpty() ? first : new Expr.Compare(first, List.copyOf(rest), at);
            }
            rest.add(new Comparison(operator, sum()));
        }
    }

    private ComparisonOperator comparisonOperator() {
        Token token = in.current();
        ComparisonOperator operator = null;
        if (token.kind() == Token.Kind.OPERATOR) {
            operator = switch (token.text()) {
                case "==" -> ComparisonOperator.EQUAL;
                case "!=" -> ComparisonOperator.NOT_EQUAL;
                case "<" -> ComparisonOperator.LESS;
                case "<=" -> ComparisonOperator.LESS_OR_EQUAL;
                case ">" -> ComparisonOperator.GREATER;
                case ">=" -> ComparisonOperator.GREATER_OR_EQUAL;
                default -> null;
            };
        } else if (token.isName("in")) {
            operator = ComparisonOperator.IN;
        } else if (token.isName("not") && in.look().isName("in")) {
            in.next();
            operator = ComparisonOperator.NOT_IN;
        }
        if (operator != null) {
            in.next();
        }
        return operator;
    }

    private Expr sum() {
        Expr left = concat();
        while (in.isOperator("+") || in.isOperator("-")) {
            Token token = in.next();
            BinaryOperator operator = token.text().equals("+") ? BinaryOperator.ADD : BinaryOperator.SUBTRACT;
            left = new Expr.Binary(operator, left, concat(), token.offset());
        }
        return left;
    }

    private Expr concat() {
        int at = in.current().offset();
        Expr first = product();
        if (!in.isOperator("~")) {
            return first;
        }
        List<Expr> parts = new ArrayList<>(List.of(first));
        while (in.skipOperator("~")) {
            parts.add(product());
        }
        return new Expr.Concat(List.copyOf(parts), at);
    }

    private Expr product() {
        Expr left = power();
        while (true) {
            Token token = in.current();
            BinaryOperator operator = token.kind() != Token.Kind.OPERATOR ? null : switch (token.text()) {
                case "*" -> BinaryOperator.MULTIPLY;
                case "/" -> BinaryOperator.DIVIDE;
                case "//" -> BinaryOperator.FLOOR_DIVIDE;
                case "%" -> BinaryOperator.REMAINDER;
                default -> null;
            };
            if (operator == null) {
                return left;
            }
            in.next();
            left = new Expr.Binary(operator, left, power(), token.offset());
        }
    }

    private Expr power() {
        Expr left = unary(true);
        while (in.isOperator("**")) {
            int at = in.next().offset();
            left = new Expr.Binary(BinaryOperator.POWER, left, unary(true), at);
        }
        return left;
    }

    Expr unary(boolean withFilters) {
        int at = in.current().offset();
        boolean minus = in.isOperator("-");
        Expr value;
        if (minus || in.isOperator("+")) {
            in.next();
            in.enter();
            value = new Expr.Unary(minus ? UnaryOperator.NEGATE : UnaryOperator.PLUS, unary(false), at);
            in.leave();
        } else {
            value = operands.primary();
        }
        value = operands.postfix(value);
        return withFilters ? operands.filters(value) : value;
    }
}
