package dev.lorikeet.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/// What `keys`, `values` and `items` of a dict return.
record DictView(Dict dict, Kind kind) {
    enum Kind { KEYS, VALUES, ITEMS }

    List<Object> elements() {
        List<Object> elements = new ArrayList<>(dict.size());
        for (Dict.Entry entry : dict.entries()) {
            elements.add(switch (kind) {
                case KEYS -> entry.key();
                case VALUES -> entry.value();
                case ITEMS -> Tuple.of(entry.key(), entry.value());
            });
        }
        return elements;
    }

    String typeName() {
        return switch (kind) {
            case KEYS -> "dict_keys";
            case VALUES -> "dict_values";
            case ITEMS -> "dict_items";
        };
    }
}
