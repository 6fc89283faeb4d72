package dev.lorikeet.chat.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/// The types of a template's values: null is `None`, and otherwise `Boolean`, `Long`, `BigInteger` (beyond long),
/// `Double`, [Text], `List` (a [Range] too), [Tuple], [Dict], [DictView], [Generator], [Function], [Namespace],
/// [LoopState], [Cycler] and [Undefined].
final class Values {
    private Values() {}

    static String typeName(Object value) {
        return switch (value) {
            case null -> "NoneType";
            case Boolean _ -> "bool";
            case Long _, BigInteger _ -> "int";
            case Double _ -> "float";
            case Text text -> text.markup ? "Markup" : "str";
            case Range _ -> "range";
            case List<?> _ -> "list";
            case Tuple _ -> "tuple";
            case Dict _ -> "dict";
            case DictView view -> view.typeName();
            case Generator _ -> "generator";
            case Macro _ -> "Macro";
            case Function _ -> "function";
            case Namespace _ -> "Namespace";
            case LoopState _ -> "LoopContext";
            case Cycler _ -> "Cycler";
            case Undefined _ -> "Undefined";
            default -> value.getClass().getSimpleName();
        };
    }

    /// How Jinja names an object in an error.
    static String describe(Object value) {
        return value == null ? "None" : typeName(value) + " object";
    }

    static boolean truthy(Object value) {
        return switch (value) {
            case null -> false;
            case Boolean bool -> bool;
            case Text text -> !text.isEmpty();
            case Long number -> number != 0;
            case Double real -> real != 0;
            case List<?> list -> !list.isEmpty();
            case Dict dict -> dict.size() > 0;
            case Tuple tuple -> !tuple.items().isEmpty();
            case DictView view -> view.dict().size() > 0;
            case Undefined _ -> false;
            case LoopState loop -> loop.length() > 0;
            default -> true;
        };
    }

    static long length(Object value) {
        return switch (value) {
            case Text text -> text.length();
            case List<?> list -> list.size();
            case Dict dict -> dict.size();
            case Tuple tuple -> tuple.items().size();
            case DictView view -> view.dict().size();
            case LoopState loop -> loop.length();
            case Undefined _ -> 0;
            case null, default -> throw PythonError.type("object of type '" + typeName(value) + "' has no len()");
        };
    }

    static boolean hasLength(Object value) {
        return value instanceof Text
                || value instanceof List<?>
                || value instanceof Dict
                || value instanceof Tuple
                || value instanceof DictView
                || value instanceof Undefined;
    }

    static boolean isIterable(Object value) {
        return hasLength(value) || value instanceof Generator || value instanceof LoopState;
    }

    static Iterator<Object> iterate(Object value) {
        return switch (value) {
            case List<?> list -> Collections.<Object>unmodifiableList(list).iterator();
            case Tuple tuple -> tuple.items().iterator();
            case Dict dict -> dict.keys().iterator();
            case DictView view -> view.elements().iterator();
            case Text text -> characters(text);
            case Generator generator -> generator.iterator();
            case Undefined _ -> Collections.emptyIterator();
            case null, default -> throw PythonError.type("'" + typeName(value) + "' object is not iterable");
        };
    }

    private static Iterator<Object> characters(Text text) {
        return new Iterator<>() {
            private int at;

            @Override
            public boolean hasNext() {
                return at < text.string.length();
            }

            @Override
            public Object next() {
                int from = at;
                at += Character.charCount(text.string.codePointAt(from));
                return text.substring(from, at);
            }
        };
    }

    /// A new list of the elements.
    static List<Object> list(Object value, Budget budget) {
        List<Object> list = new ArrayList<>();
        Iterator<Object> elements = iterate(value);
        while (elements.hasNext()) {
            list.add(elements.next());
            budget.item(list.size());
        }
        return list;
    }
}
