package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Expr.ComparisonOperator;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Iterator;
import java.util.List;

/// `==`, `<` and `in` as Python has them.
final class Equality {
    private final Budget budget;

    Equality(Budget budget) {
        this.budget = budget;
    }

    /// Whether `a operator b`.
    boolean holds(ComparisonOperator operator, Object a, Object b) {
        boolean nan = a instanceof Double x && x.isNaN() || b instanceof Double y && y.isNaN();
        return switch (operator) {
            case EQUAL -> equal(a, b);
            case NOT_EQUAL -> !equal(a, b);
            case LESS -> compare(a, b, "<") < 0 && !nan;
            case LESS_OR_EQUAL -> compare(a, b, "<=") <= 0 && !nan;
            case GREATER -> compare(a, b, ">") > 0 && !nan;
            case GREATER_OR_EQUAL -> compare(a, b, ">=") >= 0 && !nan;
            case IN -> contains(b, a);
            case NOT_IN -> !contains(b, a);
        };
    }

    boolean equal(Object a, Object b) {
        if (a == b && !(a instanceof Double)) {
            return true;
        }
        return switch (a) {
            case null -> false;
            case Text text -> {
                budget.text(text.string.length());
                yield text.equals(b);
            }
            case Range range -> b instanceof Range other && elementsEqual(range, other);
            case List<?> list -> b instanceof List<?> other && !(b instanceof Range) && elementsEqual(list, other);
            case Tuple tuple -> b instanceof Tuple other && elementsEqual(tuple.items(), other.items());
            case Dict dict -> b instanceof Dict other && dictsEqual(dict, other);
            case DictView view -> b instanceof DictView other
                    && view.kind() == other.kind()
                    && elementsEqual(view.elements(), other.elements());
            case Undefined _ -> b instanceof Undefined;
            default -> Numbers.isNumber(a) && Numbers.isNumber(b) && numbersEqual(a, b);
        };
    }

    private static boolean numbersEqual(Object a, Object b) {
        if (a instanceof Double x && x.isNaN() || b instanceof Double y && y.isNaN()) {
            return false;
        }
        return compareNumbers(a, b) == 0;
    }

    private boolean elementsEqual(List<?> a, List<?> b) {
        if (a.size() != b.size()) {
            return false;
        }
        budget.enter();
        boolean same = true;
        for (int i = 0; i < a.size() && same; i++) {
            budget.step();
            same = equal(a.get(i), b.get(i));
        }
        budget.leave();
        return same;
    }

    private boolean dictsEqual(Dict a, Dict b) {
        if (a.size() != b.size()) {
            return false;
        }
        budget.enter();
        boolean same = true;
        for (Dict.Entry entry : a.entries()) {
            budget.step();
            Dict.Entry other = b.find(entry.key());
            same &= other != null && equal(entry.value(), other.value());
        }
        budget.leave();
        return same;
    }

    /// The order of two values for the operator `symbol`.
    int compare(Object a, Object b, String symbol) {
        budget.step();
        if (a instanceof Text x && b instanceof Text y) {
            budget.text(Math.min(x.string.length(), y.string.length()));
            return x.compareTo(y);
        }
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return compareNumbers(a, b);
        }
        if (a instanceof Tuple x && b instanceof Tuple y) {
            return compareElements(x.items(), y.items(), symbol);
        }
        if (a instanceof List<?> x && b instanceof List<?> y && !(a instanceof Range) && !(b instanceof Range)) {
            return compareElements(x, y, symbol);
        }
        if (a instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (b instanceof Undefined undefined) {
            throw undefined.error();
        }
        throw PythonError.type("'" + symbol + "' not supported between instances of '" + Values.typeName(a)
                + "' and '" + Values.typeName(b) + "'");
    }

    private int compareElements(List<?> a, List<?> b, String symbol) {
        budget.enter();
        int order = Integer.compare(a.size(), b.size());
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            if (!equal(a.get(i), b.get(i))) {
                order = compare(a.get(i), b.get(i), symbol);
                break;
            }
        }
        budget.leave();
        return order;
    }

    private static int compareNumbers(Object x, Object y) {
        Object a = Numbers.unbool(x);
        Object b = Numbers.unbool(y);
        if (a instanceof Long m && b instanceof Long n) {
            return Long.compare(m, n);
        }
        boolean special = a instanceof Double d && !Double.isFinite(d) || b instanceof Double e && !Double.isFinite(e);
        if (special || a instanceof Double && b instanceof Double) {
            double left = Numbers.toDouble(a);
            double right = Numbers.toDouble(b);
            return left < right ? -1 : left > right ? 1 : 0;
        }
        return exact(a).compareTo(exact(b));
    }

    private static BigDecimal exact(Object number) {
        return switch (number) {
            case Long value -> BigDecimal.valueOf(value);
            case BigInteger value -> new BigDecimal(value);
            case Double value -> new BigDecimal(value);
            default -> throw new IllegalArgumentException(Values.typeName(number));
        };
    }

    /// `item in container`.
    boolean contains(Object container, Object item) {
        if (item instanceof Text text) {
            budget.text(text.string.length());
        }
        switch (container) {
            case Text text -> {
                if (item instanceof Text part) {
                    budget.text(text.string.length());
                    return Search.indexOf(text.string, part.string, 0) >= 0;
                }
                throw PythonError.type(
                        "'in <string>' requires string as left operand, not " + Values.typeName(item));
            }
            case Dict dict -> {
                return dict.find(item) != null;
            }
            case DictView view when view.kind() == DictView.Kind.KEYS -> {
                return view.dict().find(item) != null;
            }
            case null, default -> {
                if (!Values.isIterable(container)) {
                    throw PythonError.type("argument of type '" + Values.typeName(container) + "' is not iterable");
                }
                Iterator<Object> elements = Values.iterate(container);
                while (elements.hasNext()) {
                    budget.step();
                    if (equal(item, elements.next())) {
                        return true;
                    }
                }
                return false;
            }
        }
    }
}
