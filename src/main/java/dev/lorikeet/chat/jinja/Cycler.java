package dev.lorikeet.chat.jinja;

import java.util.List;

/// What `cycler` makes: gives its items in turn.
final class Cycler {
    private final List<Object> items;
    private int position;

    Cycler(List<Object> items) {
        if (items.isEmpty()) {
            throw PythonError.runtime("at least one item has to be provided");
        }
        this.items = items;
    }

    Object attribute(String name) {
        return switch (name) {
            case "current" -> items.get(position);
            case "next" -> (Function) (_, _) -> {
                Object item = items.get(position);
                position = (position + 1) % items.size();
                return item;
            };
            case "reset" -> (Function) (_, _) -> {
                position = 0;
                return null;
            };
            case "items" -> new Tuple(items);
            case "pos" -> (long) position;
            default -> Undefined.attribute(this, name);
        };
    }
}
