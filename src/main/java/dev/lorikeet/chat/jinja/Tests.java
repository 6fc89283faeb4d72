package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Expr.BinaryOperator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// What can stand behind `is`, by name.
final class Tests {
    @FunctionalInterface
    interface Test {
        Object apply(Interpreter run, Object value, Arguments arguments);
    }

    private static final Map<String, Test> TESTS = new HashMap<>();

    static {
        types();
        comparisons();
        others();
    }

    private Tests() {}

    /// The test, or null.
    static Test find(String name) {
        return TESTS.get(name);
    }

    static Object apply(Interpreter run, String name, Object value, Arguments arguments) {
        Test test = find(name);
        if (test == null) {
            throw PythonError.runtime("No test named '" + name + "' found.");
        }
        return test.apply(run, value, arguments);
    }

    private static void plain(String name, Predicate<Object> test) {
        TESTS.put(name, (_, value, arguments) -> {
            arguments.bind(name, 0);
            return test.test(value);
        });
    }

    private static void types() {
        plain("defined", value -> !(value instanceof Undefined));
        plain("undefined", value -> value instanceof Undefined);
        plain("none", value -> value == null);
        plain("string", value -> value instanceof Text);
        plain("mapping", value -> value instanceof Dict);
        plain("number", Numbers::isNumber);
        plain("integer", value -> Numbers.isInteger(value) && !(value instanceof Boolean));
        plain("float", value -> value instanceof Double);
        plain("boolean", value -> value instanceof Boolean);
        plain("true", value -> value instanceof Boolean bool && bool);
        plain("false", value -> value instanceof Boolean bool && !bool);
        plain("iterable", Values::isIterable);
        plain("sequence", value -> value instanceof Text || value instanceof List<?> || value instanceof Tuple
                || value instanceof Dict || value instanceof Undefined);
        plain("callable", value ->
                value instanceof Function || value instanceof LoopState || value instanceof Undefined);
        plain("escaped", value -> value instanceof Text text && text.markup);
        TESTS.put("lower", (run, value, a) ->
                StringMethods.isLower(TextFilters.str(run, value, a, "lower").string));
        TESTS.put("upper", (run, value, a) ->
                StringMethods.isUpper(TextFilters.str(run, value, a, "upper").string));
        plain("filter", value -> value instanceof Text text && Filters.find(text.string) != null);
        plain("test", value -> value instanceof Text text && find(text.string) != null);
    }

    private static void comparisons() {
        comparison(Expr.ComparisonOperator.EQUAL, "eq", "equalto", "==");
        comparison(Expr.ComparisonOperator.NOT_EQUAL, "ne", "!=");
        comparison(Expr.ComparisonOperator.LESS, "lt", "lessthan", "<");
        comparison(Expr.ComparisonOperator.LESS_OR_EQUAL, "le", "<=");
        comparison(Expr.ComparisonOperator.GREATER, "gt", "greaterthan", ">");
        comparison(Expr.ComparisonOperator.GREATER_OR_EQUAL, "ge", ">=");
        comparison(Expr.ComparisonOperator.IN, "in");
    }

    private static void comparison(Expr.ComparisonOperator operator, String... names) {
        for (String name : names) {
            TESTS.put(name, (run, value, arguments) ->
                    run.equality.holds(operator, value, arguments.bind(name, 1, "other").get("other")));
        }
    }

    private static void others() {
        TESTS.put("odd", (run, value, a) -> remainder(run, value, a, "odd", 2L, 1L));
        TESTS.put("even", (run, value, a) -> remainder(run, value, a, "even", 2L, 0L));
        TESTS.put("divisibleby", (run, value, a) -> remainder(run, value, Arguments.NONE, "divisibleby",
                a.bind("divisibleby", 1, "num").get("num"), 0L));
        TESTS.put("sameas", (_, value, a) -> {
            Object other = a.bind("sameas", 1, "other").get("other");
            boolean sameScalar = value instanceof Long || value instanceof Boolean || value instanceof Text;
            return value == other || sameScalar && value.equals(other);
        });
    }

    private static Object remainder(
            Interpreter run, Object value, Arguments arguments, String name, Object by, Object rest) {
        arguments.bind(name, 0);
        return run.equality.equal(run.operators.apply(BinaryOperator.REMAINDER, value, by), rest);
    }
}
