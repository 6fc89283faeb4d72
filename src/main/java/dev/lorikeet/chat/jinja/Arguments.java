package dev.lorikeet.chat.jinja;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// The arguments of a call.
record Arguments(List<Object> positional, Map<String, Object> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    static Arguments of(Object... positional) {
        return new Arguments(Arrays.asList(positional), Map.of());
    }

    /// Arguments matched with the parameters of a function; what was not passed is missing from the map.
    record Bound(Map<String, Object> values) {
        boolean has(String name) {
            return values.containsKey(name);
        }

        Object get(String name, Object otherwise) {
            return values.getOrDefault(name, otherwise);
        }

        Object get(String name) {
            return values.get(name);
        }

        boolean flag(String name) {
            return Values.truthy(values.getOrDefault(name, false));
        }

        Text text(String name, Supplier<Text> otherwise) {
            if (!has(name)) {
                return otherwise.get();
            }
            if (values.get(name) instanceof Text text) {
                return text;
            }
            throw PythonError.type("'" + name + "' must be str, not " + Values.typeName(values.get(name)));
        }

        int integer(String name, int otherwise) {
            return has(name) ? Numbers.index(values.get(name)) : otherwise;
        }
    }

    /// Matches the arguments with parameter names, of which the first `required` must be passed.
    Bound bind(String function, int required, String... names) {
        if (positional.size() > names.length) {
            throw PythonError.type(function + "() takes at most " + names.length + " arguments ("
                    + positional.size() + " given)");
        }
        Map<String, Object> values = new HashMap<>();
        for (int i = 0; i < positional.size(); i++) {
            values.put(names[i], positional.get(i));
        }
        List<String> known = Arrays.asList(names);
        named.forEach((name, value) -> {
            if (!known.contains(name) || values.containsKey(name)) {
                throw PythonError.type(function + "() got an unexpected keyword argument '" + name + "'");
            }
            values.put(name, value);
        });
        for (int i = 0; i < required; i++) {
            if (!values.containsKey(names[i])) {
                throw PythonError.type(function + "() missing required argument: '" + names[i] + "'");
            }
        }
        return new Bound(values);
    }

    Arguments rest(int from) {
        return new Arguments(positional.subList(from, positional.size()), named);
    }

    Arguments with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(named);
        more.put(name, value);
        return new Arguments(positional, more);
    }
}
