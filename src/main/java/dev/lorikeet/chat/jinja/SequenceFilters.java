package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Arguments.Bound;
import dev.lorikeet.chat.jinja.Expr.BinaryOperator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// Filters that read a sequence or a mapping, or stand in for a missing value.
final class SequenceFilters {
    private SequenceFilters() {}

    static void register(Map<String, Filters.Filter> filters) {
        filters.put("length", (_, value, a) -> {
            a.bind("length", 0);
            return Values.length(value);
        });
        filters.put("count", filters.get("length"));
        filters.put("list", (run, value, a) -> {
            a.bind("list", 0);
            return Values.list(value, run.budget);
        });
        filters.put("first", (_, value, a) -> {
            a.bind("first", 0);
            Iterator<Object> items = Values.iterate(value);
            return items.hasNext() ? items.next() : new Undefined("No first item, sequence was empty.");
        });
        filters.put("last", SequenceFilters::last);
        filters.put("default", (_, value, a) -> {
            Bound in = a.bind("default", 0, "default_value", "boolean");
            boolean missing = value instanceof Undefined || in.flag("boolean") && !Values.truthy(value);
            return missing ? in.get("default_value", Text.EMPTY) : value;
        });
        filters.put("d", filters.get("default"));
        mappings(filters);
        filters.put("reverse", SequenceFilters::reverse);
        filters.put("sum", SequenceFilters::sum);
        filters.put("batch", SequenceFilters::batch);
        filters.put("slice", SequenceFilters::slice);
    }

    private static void mappings(Map<String, Filters.Filter> filters) {
        filters.put("items", (_, value, a) -> {
            a.bind("items", 0);
            return switch (value) {
                case Undefined _ -> new Generator(Collections.emptyIterator());
                case Dict dict -> new Generator(new DictView(dict, DictView.Kind.ITEMS).elements().iterator());
                case null, default -> throw PythonError.type("Can only get item pairs from a mapping.");
            };
        });
        filters.put("attr", (run, value, a) -> {
            Text name = StringMethods.text(a.bind("attr", 1, "name"), "name");
            boolean element = value instanceof Dict dict && dict.find(name) != null;
            Object found = run.attributes.attribute(value, name.string);
            return element && !(found instanceof Function) ? Undefined.attribute(value, name.string) : found;
        });
    }

    private static Object sum(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("sum", 0, "attribute", "start");
        AttributePath path = new AttributePath(run, in.get("attribute"), null);
        Object sum = in.get("start", 0L);
        if (sum instanceof Text) {
            throw PythonError.type("sum() can't sum strings [use ''.join(seq) instead]");
        }
        for (Object item : Values.list(value, run.budget)) {
            sum = run.operators.apply(BinaryOperator.ADD, sum, path.of(item));
        }
        return sum;
    }

    private static Object last(Interpreter run, Object value, Arguments arguments) {
        arguments.bind("last", 0);
        if (value instanceof Generator) {
            throw PythonError.type("'generator' object is not reversible");
        }
        if (value instanceof Text text) {
            return text.isEmpty() ? new Undefined("No last item, sequence was empty.") : text.at(text.length() - 1);
        }
        List<Object> items = Values.list(value, run.budget);
        return items.isEmpty() ? new Undefined("No last item, sequence was empty.") : items.getLast();
    }

    private static Object reverse(Interpreter run, Object value, Arguments arguments) {
        arguments.bind("reverse", 0);
        if (value instanceof Text) {
            return Slices.slice(run, value, null, null, -1L);
        }
        if (!Values.isIterable(value)) {
            throw PythonError.filterArgument("argument must be iterable");
        }
        List<Object> items = Values.list(value, run.budget);
        Collections.reverse(items);
        return value instanceof Generator ? items : new Generator(items.iterator());
    }

    private static Object batch(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("batch", 1, "linecount", "fill_with");
        int size = in.integer("linecount", 1);
        Object fill = in.get("fill_with");
        List<Object> batches = new ArrayList<>();
        List<Object> batch = new ArrayList<>();
        for (Object item : Values.list(value, run.budget)) {
            if (batch.size() == size) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            batch.add(item);
        }
        if (!batch.isEmpty()) {
            run.budget.items(fill == null ? 0 : size);
            while (fill != null && batch.size() < size) {
                batch.add(fill);
            }
            batches.add(batch);
        }
        return new Generator(batches.iterator());
    }

    private static Object slice(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("slice", 1, "slices", "fill_with");
        List<Object> items = Values.list(value, run.budget);
        int slices = in.integer("slices", 1);
        if (slices <= 0) {
            throw new PythonError("ZeroDivisionError", "integer division or modulo by zero");
        }
        run.budget.items(slices);
        List<Object> all = new ArrayList<>();
        int each = items.size() / slices;
        int longer = items.size() % slices;
        int start = 0;
        for (int i = 0; i < slices; i++) {
            int end = start + each + (i < longer ? 1 : 0);
            List<Object> slice = new ArrayList<>(items.subList(start, end));
            if (in.get("fill_with") != null && i >= longer) {
                slice.add(in.get("fill_with"));
            }
            all.add(slice);
            start = end;
        }
        return new Generator(all.iterator());
    }
}
