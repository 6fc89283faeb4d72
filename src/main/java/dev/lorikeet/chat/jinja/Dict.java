package dev.lorikeet.chat.jinja;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A Python dict: ordered, and keys that are equal in Python (1, 1.0 and True) are one key.
final class Dict {
    /// A key as it was written, and its value.
    record Entry(Object key, Object value) {}

    private final Map<Object, Entry> entries;

    Dict() {
        this.entries = new LinkedHashMap<>();
    }

    Dict(Dict other) {
        this.entries = new LinkedHashMap<>(other.entries);
    }

    /// The entry of a key, or null.
    Entry find(Object key) {
        return entries.get(hashable(key));
    }

    void put(Object key, Object value) {
        Object normal = hashable(key);
        Entry before = entries.get(normal);
        entries.put(normal, new Entry(before == null ? key : before.key(), value));
    }

    int size() {
        return entries.size();
    }

    Collection<Entry> entries() {
        return entries.values();
    }

    List<Object> keys() {
        List<Object> keys = new ArrayList<>(size());
        entries.values().forEach(entry -> keys.add(entry.key()));
        return keys;
    }

    private static Object hashable(Object key) {
        return switch (key) {
            case Text text -> text;
            case null -> null;
            case Boolean bool -> bool ? 1L : 0L;
            case Double real when real == Math.rint(real) && !Double.isInfinite(real) ->
                Numbers.normal(new BigDecimal(real).toBigInteger());
            case Tuple tuple -> {
                List<Object> normal = new ArrayList<>();
                tuple.items().forEach(item -> normal.add(hashable(item)));
                yield normal;
            }
            case List<?> list -> throw unhashable(list);
            case Dict dict -> throw unhashable(dict);
            default -> key;
        };
    }

    private static PythonError unhashable(Object key) {
        return PythonError.type("unhashable type: '" + Values.typeName(key) + "'");
    }
}
