package dev.lorikeet.chat.jinja;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// The functions that every template can call.
final class Globals {
    private Globals() {}

    static Scope scope(UnaryOperator<String> strftimeNow) {
        Scope scope = new Scope(null);
        scope.set("range", (Function) (_, arguments) -> range(arguments.positional()));
        scope.set("dict", (Function) Globals::dict);
        scope.set("namespace", (Function) Globals::namespace);
        scope.set("cycler", (Function) (_, arguments) -> new Cycler(arguments.positional()));
        scope.set("joiner", (Function) (_, arguments) -> joiner(
                arguments.bind("joiner", 0, "sep").get("sep", Text.of(", "))));
        scope.set("raise_exception", (Function) (run, arguments) -> {
            throw new TemplateRaise(run.repr.str(
                    arguments.bind("raise_exception", 1, "message").get("message")).string);
        });
        scope.set("strftime_now", (Function) (run, arguments) -> {
            Text format = StringMethods.text(arguments.bind("strftime_now", 1, "format"), "format");
            return format.mapped(strftimeNow.apply(format.string));
        });
        return scope;
    }

    private static Object range(List<Object> bounds) {
        if (bounds.isEmpty() || bounds.size() > 3) {
            throw PythonError.type("range expected 1 to 3 arguments, got " + bounds.size());
        }
        long first = integer(bounds.getFirst());
        if (bounds.size() == 1) {
            return new Range(0, first, 1);
        }
        return new Range(first, integer(bounds.get(1)), bounds.size() == 3 ? integer(bounds.get(2)) : 1);
    }

    private static long integer(Object value) {
        return Numbers.index(value);
    }

    private static Object dict(Interpreter run, Arguments arguments) {
        Dict dict = new Dict();
        if (arguments.positional().size() > 1) {
            throw PythonError.type("dict expected at most 1 argument, got " + arguments.positional().size());
        }
        if (!arguments.positional().isEmpty()) {
            addAll(run, dict, arguments.positional().getFirst());
        }
        arguments.named().forEach((name, value) -> dict.put(Text.of(name), value));
        run.budget.items(dict.size());
        return dict;
    }

    private static void addAll(Interpreter run, Dict dict, Object source) {
        if (source instanceof Dict other) {
            other.entries().forEach(entry -> dict.put(entry.key(), entry.value()));
            return;
        }
        for (Object pair : Values.list(source, run.budget)) {
            List<Object> two = Values.list(pair, run.budget);
            if (two.size() != 2) {
                throw PythonError.value(
                        "dictionary update sequence element has length " + two.size() + "; 2 is required");
            }
            dict.put(two.get(0), two.get(1));
        }
    }

    private static Object namespace(Interpreter run, Arguments arguments) {
        Namespace namespace = new Namespace();
        Dict dict = (Dict) dict(run, arguments);
        for (Map.Entry<String, Object> entry : run.spread(Arguments.NONE, dict).named().entrySet()) {
            namespace.attributes.put(entry.getKey(), entry.getValue());
        }
        return namespace;
    }

    private static Function joiner(Object separator) {
        boolean[] used = {false};
        return (_, _) -> {
            Object value = used[0] ? separator : Text.EMPTY;
            used[0] = true;
            return value;
        };
    }
}
