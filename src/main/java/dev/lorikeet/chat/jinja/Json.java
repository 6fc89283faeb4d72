package dev.lorikeet.chat.jinja;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;

/// Writes a value as Python's `json.dumps` does; strings keep their marks.
final class Json {
    /// `indent` is null for one line, else what one level adds.
    record Format(boolean ensureAscii, Text indent, Text itemSeparator, Text keySeparator, boolean sortKeys) {}

    private final Interpreter run;
    private final Format format;
    private final TextBuilder out;

    private Json(Interpreter run, Format format) {
        this.run = run;
        this.format = format;
        this.out = run.budget.builder();
    }

    static Text write(Interpreter run, Object value, Format format) {
        Json json = new Json(run, format);
        json.write(value, 1);
        return run.budget.finish(json.out);
    }

    private void write(Object value, int level) {
        run.budget.enter();
        switch (value) {
            case Text text -> string(text);
            case Range _ -> throw notSerializable(value);
            case List<?> list -> array(list, level);
            case Tuple tuple -> array(tuple.items(), level);
            case Dict dict -> object(dict, level);
            case null, default -> out.append(scalar(value));
        }
        run.budget.leave();
    }

    private static String scalar(Object value) {
        return switch (value) {
            case null -> "null";
            case Boolean bool -> bool.toString();
            case Long number -> number.toString();
            case BigInteger big -> Repr.digits(big);
            case Double real when real.isNaN() -> "NaN";
            case Double real when real.isInfinite() -> real < 0 ? "-Infinity" : "Infinity";
            case Double real -> PythonFloat.repr(real);
            default -> throw notSerializable(value);
        };
    }

    private static PythonError notSerializable(Object value) {
        return PythonError.type("Object of type " + Values.typeName(value) + " is not JSON serializable");
    }

    private void array(List<?> items, int level) {
        if (items.isEmpty()) {
            out.append("[]");
            return;
        }
        out.append("[");
        boolean first = true;
        for (Object item : items) {
            separate(first, level);
            first = false;
            write(item, level + 1);
        }
        newLine(level - 1);
        out.append("]");
    }

    private void object(Dict dict, int level) {
        if (dict.size() == 0) {
            out.append("{}");
            return;
        }
        List<Dict.Entry> entries = List.copyOf(dict.entries());
        if (format.sortKeys()) {
            Comparator<Dict.Entry> byKey = (a, b) -> run.equality.compare(a.key(), b.key(), "<");
            entries = entries.stream().sorted(byKey).toList();
        }
        out.append("{");
        boolean first = true;
        for (Dict.Entry entry : entries) {
            separate(first, level);
            first = false;
            string(key(entry.key()));
            out.append(format.keySeparator());
            write(entry.value(), level + 1);
        }
        newLine(level - 1);
        out.append("}");
    }

    private static Text key(Object key) {
        return switch (key) {
            case Text text -> text;
            case Tuple _, Undefined _ -> throw PythonError.type(
                    "keys must be str, int, float, bool or None, not " + Values.typeName(key));
            case null, default -> Text.of(scalar(key));
        };
    }

    private void separate(boolean first, int level) {
        if (!first) {
            out.append(format.itemSeparator());
        }
        newLine(level);
    }

    private void newLine(int level) {
        if (format.indent() != null) {
            out.append("\n");
            for (int i = 0; i < level; i++) {
                out.append(format.indent());
            }
        }
    }

    private void string(Text text) {
        out.append("\"");
        int from = 0;
        for (int i = 0; i < text.runCount(); i++) {
            out.append(escape(text.string.substring(from, text.runEnd(i))), text.runMark(i));
            from = text.runEnd(i);
        }
        out.append("\"");
    }

    private String escape(String raw) {
        StringBuilder escaped = new StringBuilder(raw.length() + 8);
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            switch (c) {
                case '"' -> escaped.append("\\\"");
                case '\\' -> escaped.append("\\\\");
                case '\n' -> escaped.append("\\n");
                case '\r' -> escaped.append("\\r");
                case '\t' -> escaped.append("\\t");
                case '\f' -> escaped.append("\\f");
                case '\b' -> escaped.append("\\b");
                default -> {
                    if (c < ' ' || format.ensureAscii() && c > '~') {
                        escaped.append(String.format("\\u%04x", (int) c));
                    } else {
                        escaped.append(c);
                    }
                }
            }
        }
        return escaped.toString();
    }
}
