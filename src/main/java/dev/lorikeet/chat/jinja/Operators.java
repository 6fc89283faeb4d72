package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Expr.BinaryOperator;
import java.util.ArrayList;
import java.util.List;

/// The binary operators on values of every type.
final class Operators {
    private final Interpreter run;

    Operators(Interpreter run) {
        this.run = run;
    }

    Object apply(BinaryOperator operator, Object a, Object b) {
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return Numbers.binary(operator, a, b);
        }
        Object result = switch (operator) {
            case ADD -> add(a, b);
            case MULTIPLY -> multiply(a, b);
            case REMAINDER -> a instanceof Text pattern ? new PercentFormat(run, b).format(pattern) : null;
            case SUBTRACT, DIVIDE, FLOOR_DIVIDE, POWER -> null;
        };
        if (result == null) {
            throw mismatch(operator, a, b);
        }
        return result;
    }

    private Object add(Object a, Object b) {
        if (a instanceof Text x && b instanceof Text y) {
            return run.strings.concat(x, y);
        }
        if (a instanceof Tuple x && b instanceof Tuple y) {
            return new Tuple(joined(x.items(), y.items()));
        }
        boolean lists = a instanceof List<?> && b instanceof List<?> && !(a instanceof Range) && !(b instanceof Range);
        return lists ? joined((List<?>) a, (List<?>) b) : null;
    }

    private List<Object> joined(List<?> a, List<?> b) {
        run.budget.items((long) a.size() + b.size());
        List<Object> all = new ArrayList<>(a.size() + b.size());
        all.addAll(a);
        all.addAll(b);
        return all;
    }

    private Object multiply(Object a, Object b) {
        if (Numbers.isInteger(a) && !Numbers.isInteger(b)) {
            return multiply(b, a);
        }
        if (!Numbers.isInteger(b)) {
            return null;
        }
        return switch (a) {
            case Text text -> run.strings.repeat(text, b);
            case Range _ -> null;
            case List<?> list -> repeated(list, b);
            case Tuple tuple -> new Tuple(repeated(tuple.items(), b));
            case null, default -> null;
        };
    }

    private List<Object> repeated(List<?> list, Object times) {
        long n = Math.max(0, Numbers.index(times));
        run.budget.items(n * list.size());
        List<Object> all = new ArrayList<>();
        for (long i = 0; i < n && !list.isEmpty(); i++) {
            all.addAll(list);
        }
        return all;
    }

    private static PythonError mismatch(BinaryOperator operator, Object a, Object b) {
        if (a instanceof Undefined undefined) {
            return undefined.error();
        }
        if (b instanceof Undefined undefined) {
            return undefined.error();
        }
        boolean sequence = a instanceof Text || a instanceof Tuple || a instanceof List<?> && !(a instanceof Range);
        if (operator == BinaryOperator.ADD && sequence) {
            String type = Values.typeName(a);
            return PythonError.type(
                    "can only concatenate " + type + " (not \"" + Values.typeName(b) + "\") to " + type);
        }
        return PythonError.type("unsupported operand type(s) for " + operator.symbol + ": '" + Values.typeName(a)
                + "' and '" + Values.typeName(b) + "'");
    }
}
