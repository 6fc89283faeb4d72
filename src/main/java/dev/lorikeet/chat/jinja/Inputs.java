package dev.lorikeet.chat.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Copies the caller's values into a template's own, so that no template can change a message.
final class Inputs {
    private static final int MAX_DEPTH = 200;

    private final int mark;

    /// Plain strings are given this origin.
    Inputs(int origin) {
        this.mark = Text.markOf(origin, false);
    }

    void declare(Map<String, ?> variables, Scope scope) {
        variables.forEach((name, value) -> scope.set(name, copy(value, 0)));
    }

    private Object copy(Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new BudgetExceeded("variables nested deeper than " + MAX_DEPTH);
        }
        return switch (value) {
            case null -> null;
            case String string -> new Text(string, mark);
            case Sourced sourced -> new Text(sourced.text(), Text.markOf(sourced.origin(), false));
            case Boolean _, Long _, Double _ -> value;
            case Integer number -> number.longValue();
            case Short number -> number.longValue();
            case Float real -> real.doubleValue();
            case BigInteger big -> Numbers.normal(big);
            case BigDecimal decimal -> decimal.doubleValue();
            case Map<?, ?> map -> {
                Dict dict = new Dict();
                map.forEach((key, element) -> dict.put(copy(key, depth + 1), copy(element, depth + 1)));
                yield dict;
            }
            case Iterable<?> items -> {
                List<Object> list = new ArrayList<>();
                items.forEach(item -> list.add(copy(item, depth + 1)));
                yield list;
            }
            default -> throw new IllegalArgumentException("a template cannot read a " + value.getClass().getName());
        };
    }
}
