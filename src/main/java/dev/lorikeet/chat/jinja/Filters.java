package dev.lorikeet.chat.jinja;

import java.util.HashMap;
import java.util.Map;

/// The filters a template can use, by name.
final class Filters {
    @FunctionalInterface
    interface Filter {
        Object apply(Interpreter run, Object value, Arguments arguments);
    }

    private static final Map<String, Filter> FILTERS = new HashMap<>();

    static {
        TextFilters.register(FILTERS);
        LayoutFilters.register(FILTERS);
        NumberFilters.register(FILTERS);
        SequenceFilters.register(FILTERS);
        OrderFilters.register(FILTERS);
        SelectionFilters.register(FILTERS);
    }

    private Filters() {}

    /// The filter, or null.
    static Filter find(String name) {
        return FILTERS.get(name);
    }

    static Object apply(Interpreter run, String name, Object value, Arguments arguments) {
        Filter filter = find(name);
        if (filter == null) {
            throw PythonError.runtime("No filter named '" + name + "' found.");
        }
        if (value instanceof Text text) {
            run.budget.text(text.string.length());
        }
        return filter.apply(run, value, arguments);
    }
}
