package dev.lorikeet.chat.jinja;

import java.util.ArrayList;
import java.util.List;

/// What `attribute='a.b.0'` of a filter reads: names and indices one after another.
final class AttributePath {
    private final Interpreter run;
    private final List<Object> parts = new ArrayList<>();
    private final Object otherwise;

    /// `otherwise` replaces what is undefined, unless it is null.
    AttributePath(Interpreter run, Object attribute, Object otherwise) {
        this.run = run;
        this.otherwise = otherwise;
        switch (attribute) {
            case null -> {}
            case Text text -> {
                for (String part : text.string.split("\\.", -1)) {
                    parts.add(part.matches("\\d{1,9}") ? (Object) Long.valueOf(part) : Text.of(part));
                }
            }
            default -> parts.add(attribute);
        }
    }

    Object of(Object item) {
        Object value = item;
        for (Object part : parts) {
            run.budget.step();
            value = run.attributes.subscript(value, part);
            if (otherwise != null && value instanceof Undefined) {
                value = otherwise;
            }
        }
        return value;
    }
}
