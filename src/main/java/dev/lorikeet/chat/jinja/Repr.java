package dev.lorikeet.chat.jinja;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/// Values as Python's `str` and `repr` write them; strings inside keep their marks.
final class Repr {
    private static final int MAX_DIGITS = 4_300;

    private final Budget budget;

    Repr(Budget budget) {
        this.budget = budget;
    }

    Text str(Object value) {
        return switch (value) {
            case Text text -> text;
            case Undefined _ -> Text.EMPTY;
            case null, default -> repr(value);
        };
    }

    Text repr(Object value) {
        TextBuilder out = budget.builder();
        write(value, out);
        return budget.finish(out);
    }

    private void write(Object value, TextBuilder out) {
        budget.enter();
        switch (value) {
            case null -> out.append("None");
            case Boolean bool -> out.append(bool ? "True" : "False");
            case Long number -> out.append(Long.toString(number));
            case BigInteger big -> out.append(digits(big));
            case Double real -> out.append(PythonFloat.repr(real));
            case Text text -> quote(text, out);
            case Range range -> out.append("range(" + range.start + ", " + range.stop
                    + (range.step == 1 ? ")" : ", " + range.step + ")"));
            case List<?> list -> sequence("[", list, "]", out);
            case Tuple tuple -> sequence("(", tuple.items(), tuple.items().size() == 1 ? ",)" : ")", out);
            case Dict dict -> dict(dict, out);
            case DictView view -> sequence(view.typeName() + "([", view.elements(), "])", out);
            case Namespace namespace -> namespace(namespace, out);
            case LoopState loop -> out.append("<LoopContext " + loop.index() + "/" + loop.length() + ">");
            case Undefined _ -> out.append("Undefined");
            default -> out.append("<" + Values.typeName(value) + ">");
        }
        budget.leave();
    }

    static String digits(BigInteger big) {
        String digits = big.toString();
        if (digits.length() > MAX_DIGITS) {
            throw PythonError.value("Exceeds the limit (" + MAX_DIGITS + " digits) for integer string conversion");
        }
        return digits;
    }

    private void sequence(String open, List<?> items, String close, TextBuilder out) {
        out.append(open);
        boolean first = true;
        for (Object item : items) {
            if (!first) {
                out.append(", ");
            }
            first = false;
            write(item, out);
        }
        out.append(close);
    }

    private void dict(Dict dict, TextBuilder out) {
        out.append("{");
        boolean first = true;
        for (Dict.Entry entry : dict.entries()) {
            if (!first) {
                out.append(", ");
            }
            first = false;
            write(entry.key(), out);
            out.append(": ");
            write(entry.value(), out);
        }
        out.append("}");
    }

    private void namespace(Namespace namespace, TextBuilder out) {
        Dict dict = new Dict();
        for (Map.Entry<String, Object> entry : namespace.attributes.entrySet()) {
            dict.put(Text.of(entry.getKey()), entry.getValue());
        }
        out.append("<Namespace ");
        dict(dict, out);
        out.append(">");
    }

    /// A string literal: in double quotes only where it holds single quotes and no double ones.
    static void quote(Text text, TextBuilder out) {
        if (text.markup) {
            out.append("Markup(");
        }
        char quote = text.string.indexOf('\'') >= 0 && text.string.indexOf('"') < 0 ? '"' : '\'';
        out.append(String.valueOf(quote));
        int from = 0;
        for (int run = 0; run < text.runCount(); run++) {
            StringBuilder escaped = new StringBuilder();
            text.string.substring(from, text.runEnd(run)).codePoints().forEach(c -> escape(c, quote, escaped));
            out.append(escaped.toString(), text.runMark(run));
            from = text.runEnd(run);
        }
        out.append(text.markup ? quote + ")" : String.valueOf(quote));
    }

    private static void escape(int c, char quote, StringBuilder out) {
        switch (c) {
            case '\\' -> out.append("\\\\");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                if (c == quote) {
                    out.append('\\').append(quote);
                } else if (Characters.isPrintable(c)) {
                    out.appendCodePoint(c);
                } else if (c < 0x100) {
                    out.append(String.format("\\x%02x", c));
                } else if (c < 0x10000) {
                    out.append(String.format("\\u%04x", c));
                } else {
                    out.append(String.format("\\U%08x", c));
                }
            }
        }
    }
}
