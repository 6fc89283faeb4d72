package dev.lorikeet.chat.jinja;

import java.util.List;

/// A Python tuple; `names` are those of a named tuple's fields, else empty.
record Tuple(List<Object> items, List<String> names) {
    Tuple(List<Object> items) {
        this(items, List.of());
    }

    static Tuple of(Object... items) {
        return new Tuple(java.util.Arrays.asList(items));
    }
}
