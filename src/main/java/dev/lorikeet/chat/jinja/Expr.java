package dev.lorikeet.chat.jinja;

import java.util.List;

/// An expression of a template. `at` is its offset in the source.
sealed interface Expr {
    int at();

    record Const(Object value, int at) implements Expr {}

    record Name(String name, int at) implements Expr {}

    record Items(List<Expr> items, boolean tuple, int at) implements Expr {}

    record Pairs(List<Expr> keys, List<Expr> values, int at) implements Expr {}

    record Attribute(Expr of, String name, int at) implements Expr {}

    record Subscript(Expr of, Expr index, int at) implements Expr {}

    /// `of[start:stop:step]`; a part that is not written is the constant `None`.
    record Slice(Expr of, Expr start, Expr stop, Expr step, int at) implements Expr {}

    record Call(Expr callee, CallArguments arguments, int at) implements Expr {}

    record Filter(Expr value, String name, CallArguments arguments, int at) implements Expr {}

    record Test(Expr value, String name, CallArguments arguments, int at) implements Expr {}

    record Unary(UnaryOperator operator, Expr operand, int at) implements Expr {}

    record Binary(BinaryOperator operator, Expr left, Expr right, int at) implements Expr {}

    record Concat(List<Expr> parts, int at) implements Expr {}

    record And(Expr left, Expr right, int at) implements Expr {}

    record Or(Expr left, Expr right, int at) implements Expr {}

    /// A chain: `first op operand op operand …`.
    record Compare(Expr first, List<Comparison> rest, int at) implements Expr {}

    record Conditional(Expr test, Expr then, Expr otherwise, int at) implements Expr {}

    /// The value before the first filter of a `filter` block or a filtered `set` block.
    record Captured(int at) implements Expr {}

    enum UnaryOperator { NOT, NEGATE, PLUS }

    enum BinaryOperator {
        ADD("+"),
        SUBTRACT("-"),
        MULTIPLY("*"),
        DIVIDE("/"),
        FLOOR_DIVIDE("//"),
        REMAINDER("%"),
        POWER("** or pow()");

        final String symbol;

        BinaryOperator(String symbol) {
            this.symbol = symbol;
        }
    }

    enum ComparisonOperator { EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, IN, NOT_IN }

    record Comparison(ComparisonOperator operator, Expr operand) {}

    record Named(String name, Expr value) {}

    /// `spread` is `*values`, `spreadNamed` is `**values`; null where not written.
    record CallArguments(List<Expr> positional, List<Named> named, Expr spread, Expr spreadNamed) {
        static final CallArguments NONE = new CallArguments(List.of(), List.of(), null, null);
    }
}
