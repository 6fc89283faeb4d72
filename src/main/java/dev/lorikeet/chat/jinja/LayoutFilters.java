package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Arguments.Bound;
import java.util.List;
import java.util.Map;

/// Filters that lay text out: indentation, width, length.
final class LayoutFilters {
    private LayoutFilters() {}

    static void register(Map<String, Filters.Filter> filters) {
        filters.put("indent", LayoutFilters::indent);
        filters.put("center", (run, value, a) -> {
            int width = a.bind("center", 0, "width").integer("width", 80);
            return StringMethods.center(run, run.repr.str(value), width, Text.of(" "));
        });
        filters.put("truncate", LayoutFilters::truncate);
        filters.put("wordcount", (run, value, a) -> wordCount(TextFilters.str(run, value, a, "wordcount").string));
    }

    private static long wordCount(String s) {
        long words = 0;
        boolean inWord = false;
        for (int i = 0; i < s.length(); i++) {
            boolean word = Characters.isWord(s.charAt(i));
            words += word && !inWord ? 1 : 0;
            inWord = word;
        }
        return words;
    }

    private static Object indent(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("indent", 0, "width", "first", "blank");
        Text indentation = in.get("width") instanceof Text text ? text
                : run.strings.repeat(Text.of(" "), (long) in.integer("width", 4));
        if (!(value instanceof Text text)) {
            String type = Values.typeName(value);
            throw value instanceof Undefined undefined ? undefined.error()
                    : PythonError.type("unsupported operand type(s) for +=: '" + type + "' and 'str'");
        }
        Text newline = Text.of("\n");
        List<Object> lines = run.strings.splitLines(run.strings.concat(text.asPlain(), newline), false);
        TextBuilder out = run.budget.builder();
        boolean blank = in.flag("blank");
        for (int i = 0; i < lines.size(); i++) {
            Text line = (Text) lines.get(i);
            if (i > 0) {
                out.append(newline);
            }
            if (i == 0 ? in.flag("first") : blank || !line.isEmpty()) {
                out.append(indentation);
            }
            out.append(line);
        }
        Text indented = run.budget.finish(out);
        return text.markup ? indented.asMarkup() : indented;
    }

    private static Object truncate(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
        Text text = run.repr.str(value);
        int length = in.integer("length", 255);
        Text end = in.text("end", () -> Text.of("..."));
        int leeway = in.get("leeway") == null ? 5 : Numbers.index(in.get("leeway"));
        if (length < end.length() || leeway < 0) {
            throw PythonError.filterArgument("expected length >= " + end.length() + ", got " + length);
        }
        if (text.length() <= (long) length + leeway) {
            return text;
        }
        Text cut = text.substring(0, text.offset(length - end.length()));
        if (!in.flag("killwords")) {
            int space = cut.string.lastIndexOf(' ');
            cut = space < 0 ? cut : cut.substring(0, space);
        }
        return run.strings.concat(cut, end);
    }
}
