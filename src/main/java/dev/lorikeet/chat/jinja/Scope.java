package dev.lorikeet.chat.jinja;

import java.util.HashMap;
import java.util.Map;

/// The variables of a block; what a block does not have is looked up around it.
final class Scope {
    /// Stands for Python's `None`, since null means that a name is absent.
    private static final Object NONE = new Object();

    private final Scope outer;
    private Map<String, Object> variables;

    Scope(Scope outer) {
        this.outer = outer;
    }

    void set(String name, Object value) {
        if (variables == null) {
            variables = new HashMap<>();
        }
        variables.put(name, value == null ? NONE : value);
    }

    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Object value = scope.variables == null ? null : scope.variables.get(name);
            if (value != null) {
                return value == NONE ? null : value;
            }
        }
        return Undefined.name(name);
    }
}
