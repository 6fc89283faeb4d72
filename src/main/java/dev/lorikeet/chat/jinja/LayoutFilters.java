package dev.lorikeet.chat.jinja;

import dev.lorikeet.chat.jinja.Arguments.Bound;
import java.util.ArrayList;
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
        filters.put("wordwrap", LayoutFilters::wordWrap);
        filters.put("wordcount", (run, value, a) -> wordCount(TextFilters.str(run, value, a, "wordcount").string));
        filters.put("striptags", (run, value, a) -> {
            Text text = TextFilters.str(run, value, a, "striptags");
            String bare = text.string.replaceAll("(?s)<!--.*?-->", "").replaceAll("(?s)<.*?>", "");
            return run.strings.join(Text.of(" "), texts(run.strings.split(text.mapped(bare).asPlain(), null, -1)));
        });
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

    private static List<Text> texts(List<Object> parts) {
        return parts.stream().map(part -> (Text) part).toList();
    }

    private static Object indent(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("indent", 0, "width", "first", "blank");
        Text indentation = in.get("width") instanceof Text text ? text
                : run.strings.repeat(Text.of(" "), (long) in.integer("width", 4));
        if (!(value instanceof Text text)) {
            throw value instanceof Undefined undefined ? undefined.error()
                    : PythonError.type("unsupported operand type(s) for +=: '" + Values.typeName(value) + "' and 'str'");
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

    private static Object wordWrap(Interpreter run, Object value, Arguments arguments) {
        Bound in = arguments.bind("wordwrap", 0, "width", "break_long_words", "wrapstring", "break_on_hyphens");
        int width = in.integer("width", 79);
        Text wrap = in.get("wrapstring") instanceof Text text ? text : Text.of("\n");
        if (width < 1) {
            throw PythonError.value("invalid width " + width + " (must be > 0)");
        }
        boolean breaks = !in.has("break_long_words") || in.flag("break_long_words");
        List<Text> out = new ArrayList<>();
        for (Object line : run.strings.splitLines(run.repr.str(value), false)) {
            out.add(run.strings.join(wrap, wrapped(run, (Text) line, width, breaks)));
        }
        return run.strings.join(wrap, out);
    }

    private static List<Text> wrapped(Interpreter run, Text line, int width, boolean breaks) {
        List<Text> lines = new ArrayList<>();
        int start = 0;
        int at = 0;
        int[] offsets = java.util.Arrays.copyOf(line.offsets(), line.length() + 1);
        offsets[line.length()] = line.string.length();
        while (at < line.length()) {
            run.budget.step();
            start = at;
            int limit = Math.min(line.length(), start + width);
            int end = limit;
            if (limit < line.length()) {
                end = lastBreak(line.string, offsets, start, limit);
                if (end <= start) {
                    end = breaks ? limit : nextBreak(line.string, offsets, limit);
                }
            }
            lines.add(run.strings.strip(line.substring(offsets[start], offsets[end]), null, false, end < line.length()));
            at = end;
            while (at < line.length() && line.string.charAt(offsets[at]) == ' ') {
                at++;
            }
        }
        return lines;
    }

    private static int lastBreak(String s, int[] offsets, int start, int limit) {
        for (int i = limit; i > start; i--) {
            char here = s.charAt(offsets[i]);
            if (here == ' ' || s.charAt(offsets[i] - 1) == '-' && Character.isLetter(here)) {
                return i;
            }
        }
        return start;
    }

    private static int nextBreak(String s, int[] offsets, int from) {
        int i = from;
        while (i < offsets.length - 1 && s.charAt(offsets[i]) != ' ') {
            i++;
        }
        return i;
    }
}
