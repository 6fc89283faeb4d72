package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A text with `{column}`s. What stands before the last of them is the prompt; that column is learned, and the text behind it.
/// `{{` and `}}` are braces.
public final class PromptTemplate {
    private static final Pattern MARKUP = Pattern.compile("\\{\\{|}}|\\{([^{}]+)}|[{}]");

    private sealed interface Part {
        record Literal(String text) implements Part {}

        record Column(String name) implements Part {}
    }

    private final List<Part> prompt;
    private final List<Part> completion;

    private PromptTemplate(List<Part> parts, int last) {
        prompt = List.copyOf(parts.subList(0, last));
        completion = List.copyOf(parts.subList(last, parts.size()));
    }

    /// @throws DataRefusal when the text has no column, or a brace without its partner
    public static PromptTemplate of(String text) {
        List<Part> parts = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        Matcher markup = MARKUP.matcher(text);
        int at = 0;
        int last = -1;
        while (markup.find()) {
            literal.append(text, at, markup.start());
            at = markup.end();
            Optional<String> column = Optional.ofNullable(markup.group(1)).map(String::strip);
            if (column.isEmpty()) {
                if (markup.group().length() == 1) {
                    throw new DataRefusal("prompt_template has a lone " + markup.group() + " at character " + (markup.start() + 1)
                            + "; columns are written {name}, and a brace itself {{ or }}");
                }
                literal.append(markup.group().charAt(0));
                continue;
            }
            parts.add(new Part.Literal(literal.toString()));
            literal.setLength(0);
            last = parts.size();
            parts.add(new Part.Column(column.get()));
        }
        if (last < 0) {
            throw new DataRefusal("prompt_template names no column; write for example {document}, and last the column to learn");
        }
        parts.add(new Part.Literal(literal.append(text.substring(at)).toString()));
        return new PromptTemplate(parts, last);
    }

    Row.Completion fill(ObjectNode row) {
        return new Row.Completion(fill(prompt, row), fill(completion, row));
    }

    private static List<Row.Piece> fill(List<Part> parts, ObjectNode row) {
        return parts.stream().map(part -> switch (part) {
            case Part.Literal(String text) -> new Row.Piece(text, true);
            case Part.Column(String name) -> new Row.Piece(text(row, name), false);
        }).toList();
    }

    private static String text(ObjectNode row, String name) {
        JsonNode value = row.path(name);
        if (value.isMissingNode() || value.isNull() || value.isContainerNode()) {
            throw new RowException((value.isContainerNode() ? "has no text in '" : "has no '") + name + "', which prompt_template names");
        }
        return value.asText();
    }
}
