package dev.lorikeet.chat.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Python's format specification `[[fill]align][sign][#][0][width][,][.precision][type]`.
record FormatSpec(String fill, char align, char sign, boolean alternate, int width, String grouping, int precision,
        char type) {
    static final char NONE = '\0';
    private static final int MAX_NUMBER = 10_000;
    private static final Pattern SYNTAX = Pattern.compile(
            "(?:(.)?([<>=^]))?([-+ ])?z?(#)?(0)?(\\d+)?([,_])?(?:\\.(\\d+))?([a-zA-Z%])?", Pattern.DOTALL);

    static FormatSpec parse(String spec) {
        Matcher in = SYNTAX.matcher(spec);
        if (!in.matches()) {
            throw PythonError.value("Invalid format specifier");
        }
        boolean zero = in.group(5) != null;
        String fill = in.group(1) != null ? in.group(1) : zero && in.group(2) == null ? "0" : " ";
        char align = in.group(2) != null ? in.group(2).charAt(0) : zero ? '=' : NONE;
        return new FormatSpec(fill, align, in.group(3) == null ? '-' : in.group(3).charAt(0), in.group(4) != null,
                number(in.group(6), 0), in.group(7) == null ? "" : in.group(7), number(in.group(8), -1),
                in.group(9) == null ? NONE : in.group(9).charAt(0));
    }

    private static int number(String digits, int otherwise) {
        if (digits == null) {
            return otherwise;
        }
        if (digits.length() > 5 || Integer.parseInt(digits) > MAX_NUMBER) {
            throw new BudgetExceeded("a format wider than " + MAX_NUMBER);
        }
        return Integer.parseInt(digits);
    }

    Text format(Interpreter run, Object value) {
        if (value instanceof Text text) {
            return string(run, text);
        }
        Object plain = type == NONE && value instanceof Boolean ? null : Numbers.unbool(value);
        if (plain == null || !Numbers.isNumber(value)) {
            if (value instanceof Boolean || isEmpty()) {
                return string(run, run.repr.str(value));
            }
            throw PythonError.type("unsupported format string passed to " + Values.typeName(value) + ".__format__");
        }
        boolean real = plain instanceof Double || "eEfFgG%".indexOf(type) >= 0 && type != NONE;
        String digits = real ? real(Numbers.toDouble(plain)) : integer(Numbers.toBig(plain));
        return aligned(run, digits);
    }

    private boolean isEmpty() {
        return width == 0 && precision < 0 && type == NONE && align == NONE;
    }

    private Text string(Interpreter run, Text text) {
        if (type != NONE && type != 's') {
            throw PythonError.value("Unknown format code '" + type + "' for object of type 'str'");
        }
        Text cut = precision >= 0 && precision < text.length() ? text.substring(0, text.offset(precision)) : text;
        int pad = Math.max(0, width - cut.length());
        int left = align == '>' ? pad : align == '^' ? pad / 2 : 0;
        return run.strings.pad(cut, left, pad - left, Text.of(fill));
    }

    private Text aligned(Interpreter run, String number) {
        boolean negative = number.startsWith("-");
        String digits = negative ? number.substring(1) : number;
        String prefix = negative ? "-" : sign == '-' ? "" : String.valueOf(sign);
        int pad = Math.max(0, width - prefix.length() - digits.length());
        if (align == '=') {
            return Text.of(prefix + fill.repeat(pad) + digits);
        }
        int left = align == '<' ? 0 : align == '^' ? pad / 2 : pad;
        return run.strings.pad(Text.of(prefix + digits), left, pad - left, Text.of(fill));
    }

    private String integer(BigInteger value) {
        return switch (type) {
            case NONE, 'd', 'n' -> grouped(Repr.digits(value), 3);
            case 'x' -> prefixed("0x", value.toString(16));
            case 'X' -> prefixed("0X", value.toString(16).toUpperCase(Locale.ROOT));
            case 'o' -> prefixed("0o", value.toString(8));
            case 'b' -> prefixed("0b", value.toString(2));
            case 'c' -> Character.toString(value.intValueExact());
            default -> throw PythonError.value("Unknown format code '" + type + "' for object of type 'int'");
        };
    }

    private String prefixed(String prefix, String digits) {
        if (!alternate) {
            return digits;
        }
        return digits.startsWith("-") ? "-" + prefix + digits.substring(1) : prefix + digits;
    }

    private String real(double value) {
        if (!Double.isFinite(value)) {
            return PythonFloat.repr(value) + (type == '%' ? "%" : "");
        }
        int digits = precision < 0 ? 6 : precision;
        return switch (type) {
            case NONE -> precision < 0 ? grouped(PythonFloat.repr(value), 3)
                    : grouped(withPoint(general(value, Math.max(1, digits), 1)), 3);
            case 'f', 'F' -> grouped(fixed(value, digits), 3);
            case 'e' -> exponent(value, digits);
            case 'E' -> exponent(value, digits).toUpperCase(Locale.ROOT);
            case 'g', 'n' -> grouped(general(value, Math.max(1, digits), 0), 3);
            case 'G' -> grouped(general(value, Math.max(1, digits), 0), 3).toUpperCase(Locale.ROOT);
            case '%' -> grouped(fixed(value * 100, digits), 3) + "%";
            default -> throw PythonError.value("Unknown format code '" + type + "' for object of type 'float'");
        };
    }

    private static String withPoint(String digits) {
        return digits.contains(".") || digits.contains("e") ? digits : digits + ".0";
    }

    static String fixed(double value, int digits) {
        String text = new BigDecimal(Math.abs(value)).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
        return (Math.copySign(1, value) < 0 ? "-" : "") + text;
    }

    static String exponent(double value, int digits) {
        String sign = Math.copySign(1, value) < 0 ? "-" : "";
        if (value == 0) {
            return sign + "0" + (digits > 0 ? "." + "0".repeat(digits) : "") + "e+00";
        }
        BigDecimal rounded = rounded(value, digits + 1);
        return sign + PythonFloat.scientific(padded(rounded, digits + 1), exponentOf(rounded));
    }

    private static BigDecimal rounded(double value, int significant) {
        return new BigDecimal(Math.abs(value)).round(new java.math.MathContext(significant, RoundingMode.HALF_EVEN));
    }

    private static int exponentOf(BigDecimal value) {
        return value.precision() - value.scale() - 1;
    }

    private static String padded(BigDecimal value, int significant) {
        String digits = value.unscaledValue().toString();
        return digits + "0".repeat(Math.max(0, significant - digits.length()));
    }

    static String general(double value, int significant, int margin) {
        if (value == 0) {
            return Math.copySign(1, value) < 0 ? "-0" : "0";
        }
        BigDecimal rounded = rounded(value, significant);
        int exponent = exponentOf(rounded);
        String sign = value < 0 ? "-" : "";
        if (exponent < -4 || exponent >= significant - margin) {
            return sign + PythonFloat.scientific(rounded.stripTrailingZeros().unscaledValue().toString(), exponent);
        }
        BigDecimal plain = rounded.stripTrailingZeros();
        return sign + (plain.scale() < 0 ? plain.setScale(0) : plain).toPlainString();
    }

    private String grouped(String number, int size) {
        if (grouping.isEmpty()) {
            return number;
        }
        int start = number.startsWith("-") ? 1 : 0;
        int end = start;
        while (end < number.length() && Character.isDigit(number.charAt(end))) {
            end++;
        }
        StringBuilder out = new StringBuilder(number);
        for (int i = end - size; i > start; i -= size) {
            out.insert(i, grouping);
        }
        return out.toString();
    }
}
