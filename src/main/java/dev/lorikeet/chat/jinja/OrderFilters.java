package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Arguments.Bound;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Filters that compare elements: sorting, grouping, least, greatest and different ones.
final class OrderFilters {
    private OrderFilters() {}

    static void register(Map<String, Filters.Filter> filters) {
        filters.put("sort", OrderFilters::sort);
        filters.put("dictsort", OrderFilters::dictSort);
        filters.put("groupby", OrderFilters::groupBy);
        filters.put("unique", OrderFilters::unique);
        filters.put("min", (run, value, a) -> extreme(run, value, a, -1));
        filters.put("max", (run, value, a) -> extreme(run, value, a, 1));
    }

    private static Object folded(Interpreter run, Object key, boolean caseSensitive) {
        if (caseSensitive || !(key instanceof Text text)) {
            return key;
        }
        run.budget.text(text.string.length());
        return Strings.lower(text);
    }

    private static UnaryOperator<Object> key(
            Interpreter run, Object attribute, Object otherwise, boolean caseSensitive) {
        AttributePath path = new AttributePath(run, attribute, otherwise);
        return item -> folded(run, path.of(item), caseSensitive);
    }

    /// The elements in the order of their keys; a stable sort, also in reverse.
    private static List<Object> sorted(
            Interpreter run, List<Object> items, UnaryOperator<Object> key, boolean reverse) {
        record Keyed(Object key, Object item) {}
        List<Keyed> keyed = new ArrayList<>(items.size());
        items.forEach(item -> keyed.add(new Keyed(key.apply(item), item)));
        Comparator<Keyed> order = (a, b) -> run.equality.compare(a.key(), b.key(), "<");
        keyed.sort(reverse ? order.reversed() : order);
        return new ArrayList<>(keyed.stream().map(Keyed::item).toList());
    }

    private static Object sort(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("sort", 0, "reverse", "case_sensitive", "attribute");
        boolean caseSensitive = in.flag("case_sensitive");
        List<UnaryOperator<Object>> keys = new ArrayList<>();
        if (in.get("attribute") instanceof Text names) {
            Arrays.stream(names.string.split(",", -1))
                    .forEach(name -> keys.add(key(run, Text.of(name), null, caseSensitive)));
        } else {
            keys.add(key(run, in.get("attribute"), null, caseSensitive));
        }
        UnaryOperator<Object> all = item -> {
            List<Object> parts = new ArrayList<>(keys.size());
            keys.forEach(key -> parts.add(key.apply(item)));
            return parts;
        };
        return sorted(run, Values.list(value, run.budget), all, in.flag("reverse"));
    }

    private static Object dictSort(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("dictsort", 0, "case_sensitive", "by", "reverse");
        String by = in.text("by", () -> Text.of("key")).string;
        if (!by.equals("key") && !by.equals("value")) {
            throw PythonError.filterArgument("You can only sort by either \"key\" or \"value\"");
        }
        if (!(value instanceof Dict dict)) {
            throw value instanceof Undefined undefined ? undefined.error()
                    : PythonError.undefined("'" + Values.describe(value) + "' has no attribute 'items'");
        }
        boolean caseSensitive = in.flag("case_sensitive");
        int part = by.equals("key") ? 0 : 1;
        return sorted(run, new DictView(dict, DictView.Kind.ITEMS).elements(),
                pair -> folded(run, ((Tuple) pair).items().get(part), caseSensitive), in.flag("reverse"));
    }

    private static Object groupBy(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("groupby", 1, "attribute", "default", "case_sensitive");
        boolean caseSensitive = in.flag("case_sensitive");
        UnaryOperator<Object> key = key(run, in.get("attribute"), in.get("default"), caseSensitive);
        UnaryOperator<Object> shown = key(run, in.get("attribute"), in.get("default"), true);
        List<Object> groups = new ArrayList<>();
        List<Object> group = null;
        Object last = null;
        for (Object item : sorted(run, Values.list(value, run.budget), key, false)) {
            Object here = key.apply(item);
            if (group == null || !run.equality.equal(here, last)) {
                group = new ArrayList<>();
                groups.add(new Tuple(Arrays.asList(shown.apply(item), group), List.of("grouper", "list")));
                last = here;
            }
            group.add(item);
        }
        return groups;
    }

    private static Object unique(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("unique", 0, "case_sensitive", "attribute");
        UnaryOperator<Object> key = key(run, in.get("attribute"), null, in.flag("case_sensitive"));
        Dict seen = new Dict();
        List<Object> first = new ArrayList<>();
        for (Object item : Values.list(value, run.budget)) {
            Object here = key.apply(item);
            if (seen.find(here) == null) {
                seen.put(here, true);
                first.add(item);
            }
        }
        return new Generator(first.iterator());
    }

    private static Object extreme(Interpreter run, Object value, Arguments arguments, int sign) {
        Bound in = arguments.bind(sign < 0 ? "min" : "max", 0, "case_sensitive", "attribute");
        UnaryOperator<Object> key = key(run, in.get("attribute"), null, in.flag("case_sensitive"));
        List<Object> items = Values.list(value, run.budget);
        if (items.isEmpty()) {
            return new Undefined("No aggregated item, sequence was empty.");
        }
        Object best = items.getFirst();
        Object bestKey = key.apply(best);
        for (Object item : items.subList(1, items.size())) {
            Object here = key.apply(item);
            if (run.equality.compare(here, bestKey, sign < 0 ? "<" : ">") * sign > 0) {
                best = item;
                bestKey = here;
            }
        }
        return best;
    }
}
