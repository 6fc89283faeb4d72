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
        return lazy(run, value, item -> mapping(run, arguments).apply(item), _ -> true);
    }

    private static UnaryOperator<Object> mapping(Interpreter run, Arguments arguments) {
        if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
            Arguments.Bound in = arguments.bind("map", 0, "attribute", "default");
            return new AttributePath(run, in.get("attribute"), in.get("default"))::of;
        }
        if (arguments.positional().isEmpty()) {
            throw PythonError.filterArgument("map requires a filter argument");
        }
        String name = run.repr.str(arguments.positional().getFirst()).string;
        Arguments rest = arguments.rest(1);
        return item -> Filters.apply(run, name, item, rest);
    }

    private static Object select(Interpreter run, Object value, Arguments arguments, boolean byAttribute, boolean wanted) {
        int skip = byAttribute ? 1 : 0;
        return lazy(run, value, item -> item, item -> {
            if (byAttribute && arguments.positional().isEmpty()) {
                throw PythonError.filterArgument("Missing parameter for attribute name");
            }
            Object tested = byAttribute ? new AttributePath(run, arguments.positional().getFirst(), null).of(item) : item;
            boolean passes;
            if (arguments.positional().size() > skip) {
                String test = run.repr.str(arguments.positional().get(skip)).string;
                passes = Values.truthy(Tests.apply(run, test, tested, arguments.rest(skip + 1)));
            } else {
                passes = Values.truthy(tested);
            }
            return passes == wanted;
        });
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
