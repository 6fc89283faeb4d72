package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Arguments.Bound;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// The methods of Python's `str`.
final class StringMethods {
    @FunctionalInterface
    interface Method {
        Object call(Interpreter run, Text self, Arguments arguments);
    }

    private static final Map<String, Method> METHODS = new HashMap<>();

    static {
        cases();
        cutting();
        searching();
        filling();
        predicates();
    }

    private StringMethods() {}

    /// The method, or null.
    static Method find(String name) {
        return METHODS.get(name);
    }

    private static void cases() {
        METHODS.put("upper", (_, self, a) -> Strings.upper(none(a, "upper", self)));
        METHODS.put("lower", (_, self, a) -> Strings.lower(none(a, "lower", self)));
        METHODS.put("casefold", (_, self, a) -> Strings.lower(Strings.upper(none(a, "casefold", self))));
        METHODS.put("title", (_, self, a) -> Strings.title(none(a, "title", self)));
        METHODS.put("capitalize", (_, self, a) -> Strings.capitalize(none(a, "capitalize", self)));
        METHODS.put("swapcase", (_, self, a) -> Strings.swapCase(none(a, "swapcase", self)));
    }

    private static Text none(Arguments arguments, String name, Text self) {
        arguments.bind(name, 0);
        return self;
    }

    private static void cutting() {
        METHODS.put("strip", (run, self, a) -> run.strings.strip(self, characters(a, "strip"), true, true));
        METHODS.put("lstrip", (run, self, a) -> run.strings.strip(self, characters(a, "lstrip"), true, false));
        METHODS.put("rstrip", (run, self, a) -> run.strings.strip(self, characters(a, "rstrip"), false, true));
        METHODS.put("split", (run, self, a) -> {
            Bound in = a.bind("split", 0, "sep", "maxsplit");
            return run.strings.split(self, separator(in), in.integer("maxsplit", -1));
        });
        METHODS.put("rsplit", (run, self, a) -> {
            Bound in = a.bind("rsplit", 0, "sep", "maxsplit");
            return run.strings.rsplit(self, separator(in), in.integer("maxsplit", -1));
        });
        METHODS.put("splitlines", (run, self, a) ->
                run.strings.splitLines(self, a.bind("splitlines", 0, "keepends").flag("keepends")));
        METHODS.put("partition", (_, self, a) -> {
            Text separator = text(a.bind("partition", 1, "sep"), "sep");
            int hit = Search.indexOf(self.string, required(separator), 0);
            return hit < 0 ? Tuple.of(self, Text.EMPTY, Text.EMPTY) : parts(self, hit, separator);
        });
        METHODS.put("rpartition", (_, self, a) -> {
            Text separator = text(a.bind("rpartition", 1, "sep"), "sep");
            int hit = Search.lastIndexOf(self.string, required(separator));
            return hit < 0 ? Tuple.of(Text.EMPTY, Text.EMPTY, self) : parts(self, hit, separator);
        });
        METHODS.put("removeprefix", (_, self, a) -> {
            String prefix = text(a.bind("removeprefix", 1, "prefix"), "prefix").string;
            return self.string.startsWith(prefix) ? self.substring(prefix.length(), self.string.length()) : self;
        });
        METHODS.put("removesuffix", (_, self, a) -> {
            String suffix = text(a.bind("removesuffix", 1, "suffix"), "suffix").string;
            return self.string.endsWith(suffix) ? self.substring(0, self.string.length() - suffix.length()) : self;
        });
        METHODS.put("replace", (run, self, a) -> {
            Bound in = a.bind("replace", 2, "old", "new", "count");
            return run.strings.replace(self, text(in, "old"), text(in, "new"), in.integer("count", -1));
        });
    }

    private static Text characters(Arguments arguments, String name) {
        Bound in = arguments.bind(name, 0, "chars");
        return in.get("chars") == null ? null : text(in, "chars");
    }

    private static Text separator(Bound in) {
        return in.get("sep") == null ? null : text(in, "sep");
    }

    static Text text(Bound in, String name) {
        return in.text(name, () -> Text.EMPTY);
    }

    private static String required(Text separator) {
        if (separator.isEmpty()) {
            throw PythonError.value("empty separator");
        }
        return separator.string;
    }

    private static Tuple parts(Text self, int hit, Text separator) {
        int end = hit + separator.string.length();
        return Tuple.of(self.substring(0, hit), separator, self.substring(end, self.string.length()));
    }

    private static void searching() {
        METHODS.put("startswith", (_, self, a) -> matchesAny(self, a, "startswith", true));
        METHODS.put("endswith", (_, self, a) -> matchesAny(self, a, "endswith", false));
        METHODS.put("find", (_, self, a) -> search(self, a, "find", false));
        METHODS.put("rfind", (_, self, a) -> search(self, a, "rfind", true));
        METHODS.put("index", (_, self, a) -> found(search(self, a, "index", false)));
        METHODS.put("rindex", (_, self, a) -> found(search(self, a, "rindex", true)));
        METHODS.put("count", (_, self, a) -> {
            Bound in = a.bind("count", 1, "sub", "start", "end");
            String part = text(in, "sub").string;
            Text window = window(self, in);
            if (part.isEmpty()) {
                return window.length() + 1L;
            }
            long count = 0;
            int from = Search.indexOf(window.string, part, 0);
            while (from >= 0) {
                count++;
                from = Search.indexOf(window.string, part, from + part.length());
            }
            return count;
        });
        METHODS.put("join", (run, self, a) -> {
            List<Text> parts = new ArrayList<>();
            for (Object part : Values.list(a.bind("join", 1, "iterable").get("iterable"), run.budget)) {
                if (!(part instanceof Text text)) {
                    throw PythonError.type("sequence item " + parts.size() + ": expected str instance, "
                            + Values.typeName(part) + " found");
                }
                parts.add(text);
            }
            return run.strings.join(self, parts);
        });
        METHODS.put("format", (run, self, a) -> new StringFormat(run, a).format(self));
        METHODS.put("format_map", (run, self, a) -> {
            Object mapping = a.bind("format_map", 1, "mapping").get("mapping");
            return new StringFormat(run, run.spread(Arguments.NONE, mapping)).format(self);
        });
    }

    private static Text window(Text self, Bound in) {
        Slices.Bounds bounds = Slices.bounds(self.length(), in.get("start"), in.get("end"), null);
        return bounds.start() >= bounds.stop() ? Text.EMPTY
                : self.substring(self.offset(bounds.start()), self.offset(bounds.stop()));
    }

    private static boolean matchesAny(Text self, Arguments arguments, String name, boolean start) {
        Bound in = arguments.bind(name, 1, "prefix", "start", "end");
        String window = window(self, in).string;
        Object wanted = in.get("prefix");
        List<Object> options = wanted instanceof Tuple tuple ? tuple.items() : Collections.singletonList(wanted);
        for (Object option : options) {
            if (!(option instanceof Text part)) {
                throw PythonError.type(
                        name + " first arg must be str or a tuple of str, not " + Values.typeName(option));
            }
            if (start ? window.startsWith(part.string) : window.endsWith(part.string)) {
                return true;
            }
        }
        return false;
    }

    private static long search(Text self, Arguments arguments, String name, boolean last) {
        Bound in = arguments.bind(name, 1, "sub", "start", "end");
        String part = text(in, "sub").string;
        Slices.Bounds bounds = Slices.bounds(self.length(), in.get("start"), in.get("end"), null);
        if (bounds.start() > bounds.stop()) {
            return -1;
        }
        int from = self.offset(bounds.start());
        String window = self.string.substring(from, self.offset(bounds.stop()));
        int hit = last ? Search.lastIndexOf(window, part) : Search.indexOf(window, part, 0);
        return hit < 0 ? -1 : self.codePointIndex(from + hit);
    }

    private static Object found(long index) {
        if (index < 0) {
            throw PythonError.value("substring not found");
        }
        return index;
    }

    private static void filling() {
        METHODS.put("ljust", (run, self, a) -> {
            Bound in = a.bind("ljust", 1, "width", "fillchar");
            return run.strings.pad(self, 0, in.integer("width", 0) - self.length(), fill(in));
        });
        METHODS.put("rjust", (run, self, a) -> {
            Bound in = a.bind("rjust", 1, "width", "fillchar");
            return run.strings.pad(self, in.integer("width", 0) - self.length(), 0, fill(in));
        });
        METHODS.put("center", (run, self, a) -> {
            Bound in = a.bind("center", 1, "width", "fillchar");
            return center(run, self, in.integer("width", 0), fill(in));
        });
        METHODS.put("zfill", (run, self, a) -> {
            int width = a.bind("zfill", 1, "width").integer("width", 0);
            boolean signed = self.string.startsWith("-") || self.string.startsWith("+");
            Text sign = self.substring(0, signed ? 1 : 0);
            Text rest = signed ? self.substring(1, self.string.length()) : self;
            Text filled = run.strings.pad(rest, width - self.length(), 0, Text.of("0"));
            return signed ? run.strings.concat(sign, filled) : filled;
        });
        METHODS.put("expandtabs", (run, self, a) -> {
            int size = a.bind("expandtabs", 0, "tabsize").integer("tabsize", 8);
            TextBuilder out = run.budget.builder();
            int column = 0;
            java.util.Iterator<Object> characters = Values.iterate(self);
            while (characters.hasNext()) {
                Text c = (Text) characters.next();
                int spaces = size <= 0 ? 0 : size - column % size;
                boolean tab = c.string.equals("\t");
                out.append(tab ? run.strings.repeat(Text.of(" "), (long) spaces) : c);
                column = c.string.equals("\n") || c.string.equals("\r") ? 0 : column + (tab ? spaces : 1);
            }
            return run.budget.finish(out);
        });
    }

    static Text center(Interpreter run, Text self, int width, Text fill) {
        int pad = width - self.length();
        int left = pad <= 0 ? 0 : pad / 2 + (pad & width & 1);
        return run.strings.pad(self, left, pad - left, fill);
    }

    private static Text fill(Bound in) {
        Text fill = in.text("fillchar", () -> Text.of(" "));
        if (fill.length() != 1) {
            throw PythonError.type("The fill character must be exactly one character long");
        }
        return fill;
    }

    private static void predicates() {
        predicate("isspace", s -> every(s, Characters::isSpace));
        predicate("isalpha", s -> every(s, Characters::isAlpha));
        predicate("isalnum", s -> every(s, Characters::isAlphanumeric));
        predicate("isdecimal", s -> every(s, Characters::isDecimal));
        predicate("isdigit", s -> every(s, Characters::isDigit));
        predicate("isnumeric", s -> every(s, Characters::isNumeric));
        predicate("isascii", s -> s.chars().allMatch(c -> c < 0x80));
        predicate("isprintable", s -> s.codePoints().allMatch(Characters::isPrintable));
        predicate("isidentifier", s -> !s.isEmpty()
                && (s.charAt(0) == '_' || Character.isUnicodeIdentifierStart(s.codePointAt(0)))
                && s.codePoints().skip(1).allMatch(Character::isUnicodeIdentifierPart));
        predicate("islower", StringMethods::isLower);
        predicate("isupper", StringMethods::isUpper);
        predicate("istitle", s -> s.codePoints().anyMatch(Strings::isCased)
                && Strings.title(Text.of(s)).string.equals(s));
    }

    private static void predicate(String name, Predicate<String> test) {
        METHODS.put(name, (_, self, a) -> test.test(none(a, name, self).string));
    }

    private static boolean every(String s, java.util.function.IntPredicate test) {
        return !s.isEmpty() && s.codePoints().allMatch(test);
    }

    static boolean isLower(String s) {
        return s.codePoints().anyMatch(Character::isLowerCase)
                && s.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    static boolean isUpper(String s) {
        return s.codePoints().anyMatch(Character::isUpperCase)
                && s.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }
}
