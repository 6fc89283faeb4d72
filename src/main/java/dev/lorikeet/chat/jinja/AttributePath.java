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
                    parts.add(isIndex(part) ? (Object) Long.valueOf(part) : Text.of(part));
                }
            }
            default -> parts.add(attribute);
        }
    }

    private static boolean isIndex(String part) {
        return !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
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
