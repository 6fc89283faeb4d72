package dev.lorikeet.chat.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// `value.name` and `value[index]`: only what is listed here exists, and nothing that changes a value.
final class Attributes {
    private static final Set<String> LIST_MUTATORS =
            Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");
    private static final Set<String> DICT_MUTATORS = Set.of("clear", "pop", "popitem", "setdefault", "update");

    private final Interpreter run;

    Attributes(Interpreter run) {
        this.run = run;
    }

    /// `value.name`: an attribute, else an element.
    Object attribute(Object value, String name) {
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        Object attribute = own(value, name);
        if (attribute != null) {
            return attribute;
        }
        if (value instanceof Dict dict) {
            Dict.Entry entry = dict.find(Text.of(name));
            return entry == null ? Undefined.attribute(value, name) : entry.value();
        }
        if (value instanceof Namespace namespace && namespace.attributes.containsKey(name)) {
            return namespaceAttribute(namespace, name);
        }
        if (value instanceof LoopState loop) {
            return loop.attribute(name);
        }
        if (value instanceof Cycler cycler) {
            return cycler.attribute(name);
        }
        if (value instanceof Tuple tuple && tuple.names().contains(name)) {
            return tuple.items().get(tuple.names().indexOf(name));
        }
        return Undefined.attribute(value, name);
    }

    private static Object namespaceAttribute(Namespace namespace, String name) {
        return name.startsWith("_") ? Undefined.unsafe(namespace, name) : namespace.attributes.get(name);
    }

    /// `value[index]`: an element, else an attribute.
    Object subscript(Object value, Object index) {
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        if (index instanceof Text key) {
            run.budget.text(key.string.length());
        }
        if (value instanceof Dict dict && !(index instanceof List<?>) && !(index instanceof Dict)) {
            Dict.Entry entry = dict.find(index);
            if (entry != null) {
                return entry.value();
            }
        }
        if (index instanceof Text name) {
            Object attribute = value instanceof Dict ? own(value, name.string) : attribute(value, name.string);
            return attribute == null && value instanceof Dict ? Undefined.attribute(value, name.string) : attribute;
        }
        Object found = element(value, index);
        return found instanceof Missing ? Undefined.element(value, run.repr.repr(index).string) : found;
    }

    private enum Missing { ELEMENT }

    private Object element(Object value, Object index) {
        Object plain = Numbers.unbool(index);
        if (!(plain instanceof Long) && !(plain instanceof BigInteger)) {
            return Missing.ELEMENT;
        }
        int at = Numbers.index(index);
        return switch (value) {
            case Text text -> {
                int place = place(at, text.length());
                run.budget.steps(text.length() == text.string.length() ? 0 : text.length() / 64);
                yield place < 0 ? Missing.ELEMENT : text.at(place);
            }
            case List<?> list -> at(list, at);
            case Tuple tuple -> at(tuple.items(), at);
            case null, default -> Missing.ELEMENT;
        };
    }

    private static Object at(List<?> list, int index) {
        int place = place(index, list.size());
        return place < 0 ? Missing.ELEMENT : list.get(place);
    }

    private static int place(int index, int length) {
        long place = index < 0 ? (long) index + length : index;
        return place >= 0 && place < length ? (int) place : -1;
    }

    /// What the value's type has under this name, or null.
    private Object own(Object value, String name) {
        return switch (value) {
            case Text text -> {
                StringMethods.Method method = StringMethods.find(name);
                yield method == null ? null : (Function) (run, arguments) -> {
                    run.budget.text(text.string.length());
                    return method.call(run, text, arguments);
                };
            }
            case Dict dict -> DICT_MUTATORS.contains(name) ? Undefined.unsafe(value, name) : dictMethod(dict, name);
            case Range range -> listMethod(range, name);
            case List<?> list -> LIST_MUTATORS.contains(name) ? Undefined.unsafe(value, name)
                    : name.equals("copy") ? (Function) (_, _) -> new ArrayList<Object>(list) : listMethod(list, name);
            case Tuple tuple -> listMethod(tuple.items(), name);
            case Macro macro -> name.equals("name") ? Text.of(macro.name()) : null;
            case Double real -> name.equals("is_integer") ? (Function) (_, _) -> real == Math.rint(real)
                    && !Double.isInfinite(real) : null;
            case Long number -> name.equals("bit_length")
                    ? (Function) (_, _) -> (long) BigInteger.valueOf(number).abs().bitLength() : null;
            case null, default -> null;
        };
    }

    private static Object dictMethod(Dict dict, String name) {
        return switch (name) {
            case "items" -> (Function) (_, _) -> new DictView(dict, DictView.Kind.ITEMS);
            case "keys" -> (Function) (_, _) -> new DictView(dict, DictView.Kind.KEYS);
            case "values" -> (Function) (_, _) -> new DictView(dict, DictView.Kind.VALUES);
            case "copy" -> (Function) (_, _) -> new Dict(dict);
            case "get" -> (Function) (_, arguments) -> {
                Arguments.Bound in = arguments.bind("get", 1, "key", "default");
                Dict.Entry entry = dict.find(in.get("key"));
                return entry == null ? in.get("default") : entry.value();
            };
            default -> null;
        };
    }

    private Object listMethod(List<?> list, String name) {
        return switch (name) {
            case "count" -> (Function) (_, arguments) -> {
                Object wanted = arguments.bind("count", 1, "value").get("value");
                run.budget.steps(list.size());
                return list.stream().filter(item -> run.equality.equal(item, wanted)).count();
            };
            case "index" -> (Function) (_, arguments) -> {
                Object wanted = arguments.bind("index", 1, "value").get("value");
                run.budget.steps(list.size());
                for (int i = 0; i < list.size(); i++) {
                    if (run.equality.equal(list.get(i), wanted)) {
                        return (long) i;
                    }
                }
                throw PythonError.value(run.repr.repr(wanted) + " is not in list");
            };
            default -> null;
        };
    }
}
