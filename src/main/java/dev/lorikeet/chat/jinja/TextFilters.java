package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Arguments.Bound;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Filters that make strings: cases, trimming, joining, JSON.
final class TextFilters {
    private TextFilters() {}

    static void register(Map<String, Filters.Filter> filters) {
        filters.put("string", (run, value, a) -> str(run, value, a, "string"));
        filters.put("upper", (run, value, a) -> Strings.upper(str(run, value, a, "upper")));
        filters.put("lower", (run, value, a) -> Strings.lower(str(run, value, a, "lower")));
        filters.put("capitalize", (run, value, a) -> Strings.capitalize(str(run, value, a, "capitalize")));
        filters.put("title", (run, value, a) -> title(run, str(run, value, a, "title")));
        filters.put("safe", (run, value, a) -> str(run, value, a, "safe").asMarkup());
        filters.put("escape", (run, value, a) -> run.strings.escape(str(run, value, a, "escape")));
        filters.put("e", filters.get("escape"));
        filters.put("forceescape", (run, value, a) ->
                run.strings.escape(str(run, value, a, "forceescape").asPlain()));
        filters.put("trim", (run, value, a) -> {
            Object characters = a.bind("trim", 0, "chars").get("chars");
            if (characters != null && !(characters instanceof Text)) {
                throw PythonError.type("strip arg must be None or str");
            }
            return run.strings.strip(run.repr.str(value), (Text) characters, true, true);
        });
        filters.put("replace", (run, value, a) -> {
            Bound in = a.bind("replace", 2, "old", "new", "count");
            int count = in.get("count") == null ? -1 : Numbers.index(in.get("count"));
            Text text = run.repr.str(value).asPlain();
            return run.strings.replace(text, run.repr.str(in.get("old")), run.repr.str(in.get("new")), count);
        });
        filters.put("join", TextFilters::join);
        filters.put("format", (run, value, a) -> new PercentFormat(run, formatValues(a)).format(run.repr.str(value)));
        filters.put("tojson", TextFilters::toJson);
        filters.put("urlencode", TextFilters::urlEncode);
    }

    static Text str(Interpreter run, Object value, Arguments arguments, String name) {
        arguments.bind(name, 0);
        return run.repr.str(value);
    }

    /// Jinja's own title case: words begin behind white space, hyphens and opening brackets only.
    private static Text title(Interpreter run, Text text) {
        TextBuilder out = run.budget.builder();
        String s = text.string;
        int i = 0;
        while (i < s.length()) {
            int end = i;
            boolean separator = isWordSeparator(s.charAt(i));
            while (end < s.length() && isWordSeparator(s.charAt(end)) == separator) {
                end++;
            }
            int first = separator ? end : i + Character.charCount(s.codePointAt(i));
            out.append(Strings.upper(text.substring(i, first)));
            out.append(Strings.lower(text.substring(first, end)));
            i = end;
        }
        return run.budget.finish(out);
    }

    private static boolean isWordSeparator(char c) {
        return Characters.isSpace(c) || "-({[<".indexOf(c) >= 0;
    }

    private static Object join(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("join", 0, "d", "attribute");
        Text separator = run.repr.str(in.get("d", Text.EMPTY));
        AttributePath path = in.get("attribute") == null ? null : new AttributePath(run, in.get("attribute"), null);
        List<Text> parts = new ArrayList<>();
        for (Object item : Values.list(value, run.budget)) {
            parts.add(run.repr.str(path == null ? item : path.of(item)));
        }
        return run.strings.join(separator, parts);
    }

    private static Object formatValues(Arguments arguments) {
        if (!arguments.positional().isEmpty() && !arguments.named().isEmpty()) {
            throw PythonError.filterArgument("can't handle positional and keyword arguments at the same time");
        }
        if (arguments.named().isEmpty()) {
            return new Tuple(arguments.positional());
        }
        Dict dict = new Dict();
        arguments.named().forEach((name, value) -> dict.put(Text.of(name), value));
        return dict;
    }

    private static Object toJson(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
        Text indent = switch (in.get("indent")) {
            case null -> null;
            case Text text -> text;
            case Object width -> run.strings.repeat(Text.of(" "), (long) Numbers.index(width));
        };
        Text itemSeparator = Text.of(indent == null ? ", " : ",");
        Text keySeparator = Text.of(": ");
        if (in.get("separators") != null) {
            List<Object> separators = Values.list(in.get("separators"), run.budget);
            if (separators.size() != 2) {
                throw PythonError.value("separators must be two strings");
            }
            itemSeparator = run.repr.str(separators.get(0));
            keySeparator = run.repr.str(separators.get(1));
        }
        return Json.write(run, value, new Json.Format(in.flag("ensure_ascii"), indent, itemSeparator, keySeparator,
                in.flag("sort_keys")));
    }

    private static Object urlEncode(Interpreter run, Object value, Arguments arguments) {
        arguments.bind("urlencode", 0);
        if (value instanceof Text || !Values.isIterable(value)) {
            return quote(run.repr.str(value), "/");
        }
        List<Text> parts = new ArrayList<>();
        List<Object> pairs = value instanceof Dict dict ? new DictView(dict, DictView.Kind.ITEMS).elements()
                : Values.list(value, run.budget);
        for (Object pair : pairs) {
            List<Object> two = Values.list(pair, run.budget);
            Text key = quote(run.repr.str(two.getFirst()), "");
            Text element = quote(run.repr.str(two.getLast()), "");
            parts.add(run.strings.join(Text.of("="), List.of(key, element)));
        }
        return run.strings.join(Text.of("&"), parts);
    }

    private static Text quote(Text text, String safe) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.string.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || "_.-~".indexOf(c) >= 0);
            if (plain || safe.indexOf(c) >= 0) {
                out.append(c);
            } else {
                out.append(c == ' ' && safe.isEmpty() ? "+" : String.format("%%%02X", (int) c));
            }
        }
        return text.mapped(out.toString());
    }
}
