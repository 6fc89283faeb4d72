package dev.lorikeet.chat.jinja;

import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// `map`, `select`, `reject` and their kind: generators, read once and only as far as asked.
final class SelectionFilters {
    private SelectionFilters() {}

    static void register(Map<String, Filters.Filter> filters) {
        filters.put("map", SelectionFilters::map);
        filters.put("select", (run, value, a) -> select(run, value, a, false, true));
        filters.put("reject", (run, value, a) -> select(run, value, a, false, false));
        filters.put("selectattr", (run, value, a) -> select(run, value, a, true, true));
        filters.put("rejectattr", (run, value, a) -> select(run, value, a, true, false));
    }

    private static Object map(Interpreter run, Object value, Arguments arguments) {
        boolean complete = !arguments.positional().isEmpty() || arguments.named().containsKey("attribute");
        if (!complete) {
            return lazy(run, value, _ -> {
                throw PythonError.filterArgument("map requires a filter argument");
            }, _ -> true);
        }
        return lazy(run, value, mapping(run, arguments), _ -> true);
    }

    private static UnaryOperator<Object> mapping(Interpreter run, Arguments arguments) {
        if (arguments.positional().isEmpty()) {
            Arguments.Bound in = arguments.bind("map", 0, "attribute", "default");
            return new AttributePath(run, in.get("attribute"), in.get("default"))::of;
        }
        String name = run.repr.str(arguments.positional().getFirst()).string;
        Arguments rest = arguments.rest(1);
        return item -> Filters.apply(run, name, item, rest);
    }

    private static Object select(
            Interpreter run, Object value, Arguments arguments, boolean byAttribute, boolean wanted) {
        if (byAttribute && arguments.positional().isEmpty()) {
            return lazy(run, value, item -> item, _ -> {
                throw PythonError.filterArgument("Missing parameter for attribute name");
            });
        }
        Object attribute = byAttribute ? arguments.positional().getFirst() : null;
        AttributePath path = new AttributePath(run, attribute, null);
        Arguments rest = arguments.rest(byAttribute ? 1 : 0);
        return lazy(run, value, item -> item, item -> passes(run, path.of(item), rest) == wanted);
    }

    private static boolean passes(Interpreter run, Object tested, Arguments arguments) {
        if (arguments.positional().isEmpty()) {
            return Values.truthy(tested);
        }
        String test = run.repr.str(arguments.positional().getFirst()).string;
        return Values.truthy(Tests.apply(run, test, tested, arguments.rest(1)));
    }

    private static Generator lazy(Interpreter run, Object value, UnaryOperator<Object> map, Predicate<Object> chosen) {
        return new Generator(new Iterator<>() {
            private Iterator<Object> items;
            private boolean ready;
            private Object next;

            @Override
            public boolean hasNext() {
                if (items == null) {
                    items = Values.truthy(value) ? Values.iterate(value) : Collections.emptyIterator();
                }
                run.budget.enter();
                while (!ready && items.hasNext()) {
                    run.budget.step();
                    next = items.next();
                    ready = chosen.test(next);
                    next = ready ? map.apply(next) : null;
                }
                run.budget.leave();
                return ready;
            }

            @Override
            public Object next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                ready = false;
                return next;
            }
        });
    }
}
