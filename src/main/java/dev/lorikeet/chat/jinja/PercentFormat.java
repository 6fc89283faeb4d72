package dev.lorikeet.chat.jinja;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `pattern % values`, the older way of Python to fill in a string.
final class PercentFormat {
    private static final Pattern FIELD = Pattern.compile(
            "%(?:\\(([^)]*)\\))?([-+ #0]*)(\\*|\\d{1,5})?(?:\\.(\\*|\\d{0,5}))?[hlL]?(.)?", Pattern.DOTALL);

    private final Interpreter run;
    private final Object values;
    private final List<Object> positional;
    private int next;

    PercentFormat(Interpreter run, Object values) {
        this.run = run;
        this.values = values;
        this.positional = values instanceof Tuple tuple ? tuple.items() : java.util.Collections.singletonList(values);
    }

    Text format(Text pattern) {
        TextBuilder out = run.budget.builder();
        Matcher field = FIELD.matcher(pattern.string);
        int from = 0;
        while (field.find(from)) {
            run.budget.step();
            out.append(pattern, from, field.start()).append(converted(field));
            from = field.end();
            if (from >= pattern.string.length()) {
                break;
            }
        }
        out.append(pattern, from, pattern.string.length());
        // Python takes whatever has subscripts for a mapping, and does not ask whether a mapping was used.
        boolean mapping = values instanceof Dict || values instanceof List<?> || values instanceof Undefined;
        boolean leftOver = next < positional.size() && !mapping;
        if (leftOver && (values instanceof Tuple || next == 0)) {
            throw PythonError.type("not all arguments converted during string formatting");
        }
        return run.budget.finish(out);
    }

    private Text converted(Matcher field) {
        if (field.group(5) == null) {
            throw PythonError.value("incomplete format");
        }
        char type = field.group(5).charAt(0);
        if (type == '%') {
            return Text.of("%");
        }
        String flags = field.group(2);
        int width = number(field.group(3), 0);
        boolean left = flags.contains("-") || width < 0;
        int precision = field.group(4) == null ? -1 : number(field.group(4), 0);
        Object value = field.group(1) == null ? take() : named(field.group(1));
        char sign = flags.contains("+") ? '+' : flags.contains(" ") ? ' ' : '-';
        boolean zero = flags.contains("0") && !left;
        Text plain = switch (type) {
            case 's' -> cut(run.repr.str(value), precision);
            case 'r', 'a' -> cut(run.repr.repr(value), precision);
            case 'c' -> value instanceof Text text ? text : Text.of(Character.toString(Numbers.index(value)));
            case 'd', 'i', 'u' -> integer(value, 'd', sign, precision);
            case 'x', 'X', 'o' -> spec(sign, flags.contains("#"), -1, type).format(run, requireInteger(value, type));
            case 'e', 'E', 'f', 'F', 'g', 'G' ->
                spec(sign, false, precision < 0 ? 6 : precision, type).format(run, Numbers.toDouble(value));
            default -> throw PythonError.value("unsupported format character '" + type + "'");
        };
        return padded(plain, Math.abs(width), left, zero && "src".indexOf(type) < 0);
    }

    private static FormatSpec spec(char sign, boolean alternate, int precision, char type) {
        return new FormatSpec(" ", FormatSpec.NONE, sign, alternate, 0, "", precision, type);
    }

    private Text integer(Object value, char type, char sign, int precision) {
        Object number = value instanceof Double real ? Numbers.truncate(real) : value;
        if (!Numbers.isInteger(number)) {
            throw PythonError.type("%d format: a real number is required, not " + Values.typeName(value));
        }
        Text digits = spec(sign, false, -1, type).format(run, Numbers.unbool(number));
        return precision < 0 ? digits : padded(digits, precision, false, true);
    }

    private static Object requireInteger(Object value, char type) {
        if (!Numbers.isInteger(value)) {
            throw PythonError.type("%" + type + " format: an integer is required, not " + Values.typeName(value));
        }
        return Numbers.unbool(value);
    }

    private Text padded(Text plain, int width, boolean left, boolean zero) {
        int pad = width - plain.length();
        if (zero && pad > 0) {
            boolean signed = !plain.isEmpty() && "+- ".indexOf(plain.string.charAt(0)) >= 0;
            int at = signed ? 1 : 0;
            return Text.of(plain.string.substring(0, at) + "0".repeat(pad) + plain.string.substring(at));
        }
        return run.strings.pad(plain, left ? 0 : pad, left ? pad : 0, Text.of(" "));
    }

    private static Text cut(Text text, int precision) {
        return precision >= 0 && precision < text.length() ? text.substring(0, text.offset(precision)) : text;
    }

    private int number(String digits, int otherwise) {
        if (digits == null || digits.isEmpty()) {
            return otherwise;
        }
        int number = digits.equals("*") ? Numbers.index(take()) : Integer.parseInt(digits);
        if (Math.abs((long) number) > 100_000) {
            throw new BudgetExceeded("a format wider than 100000");
        }
        return number;
    }

    private Object take() {
        if (next >= positional.size()) {
            throw PythonError.type("not enough arguments for format string");
        }
        return positional.get(next++);
    }

    private Object named(String name) {
        if (!(values instanceof Dict dict)) {
            throw PythonError.type("format requires a mapping");
        }
        Dict.Entry entry = dict.find(Text.of(name));
        if (entry == null) {
            throw new PythonError("KeyError", "'" + name + "'");
        }
        next = positional.size();
        return entry.value();
    }
}
