package dev.lorikeet.chat.jinja;

/// `str.format`: fields in braces, with attributes and subscripts, conversions and format specifications.
final class StringFormat {
    private final Interpreter run;
    private final Arguments arguments;
    private int automatic;

    StringFormat(Interpreter run, Arguments arguments) {
        this.run = run;
        this.arguments = arguments;
    }

    Text format(Text pattern) {
        return format(pattern, 2);
    }

    private Text format(Text pattern, int depth) {
        if (depth < 0) {
            throw PythonError.value("Max string recursion exceeded");
        }
        String s = pattern.string;
        TextBuilder out = run.budget.builder();
        int i = 0;
        while (i < s.length()) {
            char c = s.charAt(i);
            if ((c == '{' || c == '}') && i + 1 < s.length() && s.charAt(i + 1) == c) {
                out.append(pattern, i, i + 1);
                i += 2;
            } else if (c == '{') {
                int close = close(s, i);
                out.append(field(pattern.substring(i + 1, close), depth));
                i = close + 1;
            } else if (c == '}') {
                throw PythonError.value("Single '}' encountered in format string");
            } else {
                out.append(pattern, i, ++i);
            }
        }
        return run.budget.finish(out);
    }

    private static int close(String s, int open) {
        int depth = 0;
        for (int i = open; i < s.length(); i++) {
            depth += s.charAt(i) == '{' ? 1 : s.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw PythonError.value(open == s.length() - 1 ? "Single '{' encountered in format string"
                : "expected '}' before end of string");
    }

    private Text field(Text field, int depth) {
        run.budget.step();
        String s = field.string;
        int colon = outsideBrackets(s, ':', s.length());
        int mark = outsideBrackets(s, '!', colon);
        Object value = value(s.substring(0, Math.min(mark, colon)));
        Text spec = colon < s.length() ? format(field.substring(colon + 1, s.length()), depth - 1) : Text.EMPTY;
        if (mark < colon) {
            value = switch (s.substring(mark + 1, colon)) {
                case "r" -> run.repr.repr(value);
                case "s" -> run.repr.str(value);
                default -> throw PythonError.value("Unknown conversion specifier " + s.substring(mark + 1, colon));
            };
        }
        return spec.isEmpty() ? run.repr.str(value) : FormatSpec.parse(spec.string).format(run, value);
    }

    private static int outsideBrackets(String s, char wanted, int end) {
        int depth = 0;
        for (int i = 0; i < end; i++) {
            char c = s.charAt(i);
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (depth == 0 && c == wanted) {
                return i;
            }
        }
        return end;
    }

    private Object value(String path) {
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        Object value = argument(path.substring(0, end));
        while (end < path.length()) {
            run.budget.step();
            boolean attribute = path.charAt(end) == '.';
            int start = end + 1;
            end = start;
            while (end < path.length() && (attribute ? path.charAt(end) != '.' && path.charAt(end) != '['
                    : path.charAt(end) != ']')) {
                end++;
            }
            String name = path.substring(start, end);
            if (attribute) {
                value = run.attributes.attribute(value, name);
            } else {
                value = run.attributes.subscript(value, isIndex(name) ? (Object) Long.valueOf(name) : Text.of(name));
                end++;
            }
        }
        return value;
    }

    private static boolean isIndex(String name) {
        return name.matches("[0-9]{1,9}");
    }

    private Object argument(String name) {
        if (!name.isEmpty() && !isIndex(name)) {
            if (!arguments.named().containsKey(name)) {
                throw new PythonError("KeyError", "'" + name + "'");
            }
            return arguments.named().get(name);
        }
        boolean numbered = !name.isEmpty();
        if (numbered ? automatic > 0 : automatic < 0) {
            throw PythonError.value("cannot switch between manual field specification and automatic field numbering");
        }
        int index = numbered ? Integer.parseInt(name) : automatic;
        automatic = numbered ? -1 : automatic + 1;
        if (index >= arguments.positional().size()) {
            throw new PythonError("IndexError",
                    "Replacement index " + index + " out of range for positional args tuple");
        }
        return arguments.positional().get(index);
    }
}
