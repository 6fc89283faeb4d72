package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Arguments.Bound;
import dev.lorikeet.chat.jinja.Expr.BinaryOperator;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Filters that make numbers.
final class NumberFilters {
    private static final int MAX_DIGITS = 4_300;

    private static final Pattern FLOAT =
            Pattern.compile("((\\d+_)*\\d+\\.?((\\d+_)*\\d+)?|\\.(\\d+_)*\\d+)(e[+-]?(\\d+_)*\\d+)?");

    private NumberFilters() {}

    static void register(Map<String, Filters.Filter> filters) {
        filters.put("abs", (_, value, a) -> {
            a.bind("abs", 0);
            if (!Numbers.isNumber(value)) {
                throw value instanceof Undefined undefined ? undefined.error()
                        : PythonError.type("bad operand type for abs(): '" + Values.typeName(value) + "'");
            }
            boolean negative = value instanceof Double real
                    ? Math.copySign(1, real) < 0 : Numbers.toBig(value).signum() < 0;
            return negative ? Numbers.negate(value) : Numbers.unbool(value);
        });
        filters.put("int", NumberFilters::toInt);
        filters.put("float", (_, value, a) -> {
            Object otherwise = a.bind("float", 0, "default").get("default", 0.0);
            try {
                return value instanceof Text text ? parseFloat(text.string) : Numbers.toDouble(defined(value));
            } catch (PythonError error) {
                return orDefault(error, otherwise);
            }
        });
        filters.put("round", NumberFilters::round);
        filters.put("filesizeformat", NumberFilters::fileSize);
    }

    private static Object defined(Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.error();
        }
        return value;
    }

    private static Object orDefault(PythonError error, Object otherwise) {
        if (error.type().equals("TypeError") || error.type().equals("ValueError")) {
            return otherwise;
        }
        throw error;
    }

    private static Object toInt(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("int", 0, "default", "base");
        Object otherwise = in.get("default", 0L);
        try {
            if (value instanceof Text text) {
                return parseInt(text.string, in.integer("base", 10));
            }
            return value instanceof Double real ? Numbers.truncate(real) : integer(defined(value));
        } catch (PythonError error) {
            if (!error.type().equals("TypeError") && !error.type().equals("ValueError")) {
                throw error;
            }
        }
        try {
            return Numbers.truncate(value instanceof Text text ? parseFloat(text.string) : Numbers.toDouble(value));
        } catch (PythonError error) {
            return error.type().equals("OverflowError") ? otherwise : orDefault(error, otherwise);
        }
    }

    private static Object integer(Object value) {
        if (!Numbers.isInteger(value)) {
            throw PythonError.type("int() argument must be a string or a real number");
        }
        return Numbers.unbool(value);
    }

    private static Object parseInt(String raw, int base) {
        String digits = stripped(raw).toLowerCase(Locale.ROOT);
        boolean negative = digits.startsWith("-");
        String body = negative || digits.startsWith("+") ? digits.substring(1) : digits;
        String prefix = body.length() > 1 ? body.substring(0, 2) : "";
        int prefixed = switch (prefix) {
            case "0x" -> 16;
            case "0o" -> 8;
            case "0b" -> 2;
            default -> 0;
        };
        int radix = base == 0 ? (prefixed == 0 ? 10 : prefixed) : base;
        if (prefixed != 0 && prefixed == radix) {
            body = body.substring(2);
        }
        boolean wrong = body.isEmpty() || body.startsWith("_") || body.endsWith("_") || body.contains("__")
                || body.startsWith("-") || body.startsWith("+") || body.length() > MAX_DIGITS;
        try {
            if (!wrong && radix >= 2 && radix <= 36) {
                BigInteger value = new BigInteger(body.replace("_", ""), radix);
                return Numbers.normal(negative ? value.negate() : value);
            }
        } catch (NumberFormatException _) {
            // Reported below, as every other text that is no number.
        }
        throw PythonError.value("invalid literal for int() with base " + base + ": '" + raw + "'");
    }

    private static double parseFloat(String raw) {
        String text = stripped(raw).toLowerCase(Locale.ROOT);
        String bare = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        if (bare.equals("inf") || bare.equals("infinity")) {
            return text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        if (bare.equals("nan")) {
            return Double.NaN;
        }
        if (bare.length() > MAX_DIGITS || !FLOAT.matcher(bare).matches()) {
            throw PythonError.value("could not convert string to float: '" + raw + "'");
        }
        return Double.parseDouble(text.replace("_", ""));
    }

    private static String stripped(String raw) {
        int from = Characters.skipSpace(raw, 0);
        int to = raw.length();
        while (to > from && Characters.isSpace(raw.charAt(to - 1))) {
            to--;
        }
        return raw.substring(from, to);
    }

    private static Object round(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("round", 0, "precision", "method");
        String method = in.text("method", () -> Text.of("common")).string;
        if (!Numbers.isNumber(defined(value))) {
            throw PythonError.type("type " + Values.typeName(value) + " doesn't define __round__ method");
        }
        if (method.equals("common")) {
            return Numbers.round(value, in.integer("precision", 0));
        }
        if (!method.equals("ceil") && !method.equals("floor")) {
            throw PythonError.filterArgument("method must be common, ceil or floor");
        }
        Object scale = Numbers.binary(BinaryOperator.POWER, 10L, in.get("precision", 0L));
        Object scaled = Numbers.binary(BinaryOperator.MULTIPLY, value, scale);
        Object whole = scaled instanceof Double real
                ? Numbers.truncate(method.equals("ceil") ? Math.ceil(real) : Math.floor(real)) : scaled;
        return Numbers.binary(BinaryOperator.DIVIDE, whole, scale);
    }

    private static Object fileSize(Interpreter run, Object value, Arguments arguments) {
        boolean binary = arguments.bind("filesizeformat", 0, "binary").flag("binary");
        double bytes = value instanceof Text text ? parseFloat(text.string) : Numbers.toDouble(defined(value));
        double base = binary ? 1024 : 1000;
        if (bytes == 1) {
            return Text.of("1 Byte");
        }
        if (bytes < base) {
            return Text.of((long) bytes + " Bytes");
        }
        String[] prefixes = {"k", "M", "G", "T", "P", "E", "Z", "Y"};
        int power = 0;
        double unit = base * base;
        while (power < prefixes.length - 1 && bytes >= unit) {
            unit *= base;
            power++;
        }
        String prefix = binary ? prefixes[power].toUpperCase(Locale.ROOT) + "iB" : prefixes[power] + "B";
        return Text.of(FormatSpec.fixed(base * bytes / unit, 1) + " " + prefix);
    }
}
