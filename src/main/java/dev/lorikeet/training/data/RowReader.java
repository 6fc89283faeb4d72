package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.chat.ChatPrompt;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Tells by its keys what a row is.
final class RowReader {
    private final DataOptions options;

    RowReader(DataOptions options) {
        this.options = options;
    }

    /// @throws RowException when it is nothing that can be learned from
    Row read(ObjectNode row) {
        RowMessages.requireUnicode(row, "it");
        if (options.promptTemplate().isPresent()) {
            return options.promptTemplate().get().fill(row);
        }
        if (row.hasNonNull("chosen") || row.hasNonNull("preferred_output")) {
            throw new RowException("is a pair of preferred and rejected answers; supervised training learns from one answer: set `method` to {\"type\": \"dpo\"}");
        }
        if (row.hasNonNull("input_ids")) {
            return tokens(row);
        }
        if (row.hasNonNull("messages")) {
            return messages(RowMessages.structured(row.get("messages"), "messages"), row);
        }
        if (row.hasNonNull("conversations")) {
            return messages(ShareGpt.messages(RowMessages.structured(row.get("conversations"), "conversations"), row), row);
        }
        if (row.has("prompt") && row.has("completion")) {
            return completion(row);
        }
        if (row.has("instruction") && row.has("output")) {
            return instruction(row);
        }
        for (List<String> names : List.of(List.of("question", "answer"), List.of("Q", "A"))) {
            if (row.has(names.getFirst()) && row.has(names.getLast())) {
                return turns(new ArrayList<>(), text(row, names.getFirst()), text(row, names.getLast()));
            }
        }
        if (row.has("text")) {
            return new Row.Text(text(row, "text"));
        }
        List<String> keys = new ArrayList<>();
        row.fieldNames().forEachRemaining(keys::add);
        throw new RowException("has the keys " + keys + ", which are no known kind of row (messages; conversations; instruction, input, output; question, answer; "
                + "prompt, completion; text; input_ids, labels); say with prompt_template how they make a prompt and an answer");
    }

    private Row.Chat messages(JsonNode messages, ObjectNode row) {
        Set<Integer> unlearned = new TreeSet<>();
        List<Map<String, Object>> read = RowMessages.read(messages, unlearned);
        return new Row.Chat(chat(read, tools(row)), unlearned);
    }

    ChatPrompt chat(List<Map<String, Object>> messages, List<Object> tools) {
        return new ChatPrompt(messages, tools, List.of(), false, false, Map.of(), options.chatTemplate());
    }

    static List<Object> tools(ObjectNode row) {
        List<Object> tools = new ArrayList<>();
        for (String key : List.of("tools", "functions")) {
            JsonNode value = RowMessages.structured(row.path(key), key);
            if (!value.isArray() && !value.isMissingNode() && !value.isNull() && !value.asText("x").isBlank()) {
                throw new RowException("has '" + key + "' that is not a list");
            }
            for (JsonNode tool : value) {
                boolean whole = tool.has("function");
                if (!(whole ? tool.get("function") : tool).path("name").isTextual()) {
                    throw new RowException(key + "[" + tools.size() + "] has no name");
                }
                tools.add(whole ? RowMessages.plain(tool) : Map.of("type", "function", "function", RowMessages.plain(tool)));
            }
        }
        return tools;
    }

    private Row completion(ObjectNode row) {
        JsonNode prompt = row.get("prompt");
        JsonNode completion = row.get("completion");
        if (prompt.isArray() && completion.isArray()) {
            List<JsonNode> all = new ArrayList<>();
            prompt.forEach(all::add);
            completion.forEach(all::add);
            Set<Integer> unlearned = new TreeSet<>();
            List<Map<String, Object>> read = RowMessages.read(row.arrayNode().addAll(all), unlearned);
            for (int i = 0; i < prompt.size(); i++) {
                unlearned.add(i);
            }
            return new Row.Chat(chat(read, tools(row)), unlearned);
        }
        return new Row.Completion(List.of(new Row.Piece(text(row, "prompt"), true)), List.of(new Row.Piece(text(row, "completion"), true)));
    }

    private Row instruction(ObjectNode row) {
        List<Map<String, Object>> messages = new ArrayList<>();
        if (!row.path("system").asText("").isBlank()) {
            messages.add(message("system", text(row, "system")));
        }
        JsonNode history = RowMessages.structured(row.path("history"), "history");
        for (JsonNode pair : history.isArray() ? history : row.arrayNode()) {
            if (pair.size() != 2 || !pair.path(0).isTextual() || !pair.path(1).isTextual()) {
                throw new RowException("has a 'history' that is not a list of pairs of texts");
            }
            messages.add(message("user", pair.get(0).textValue()));
            messages.add(message("assistant", pair.get(1).textValue()));
        }
        String input = row.hasNonNull("input") ? text(row, "input") : "";
        String instruction = text(row, "instruction");
        String prompt = input.isBlank() ? instruction : instruction.isBlank() ? input : instruction + "\n\n" + input;
        return turns(messages, prompt, text(row, "output"));
    }

    private Row.Chat turns(List<Map<String, Object>> before, String prompt, String answer) {
        before.add(message("user", prompt));
        before.add(message("assistant", answer));
        return new Row.Chat(chat(before, List.of()), Set.of());
    }

    static Map<String, Object> message(String role, String content) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }

    private static Row.Tokens tokens(ObjectNode row) {
        int[] ids = integers(row, "input_ids");
        return new Row.Tokens(ids, row.hasNonNull("labels") ? integers(row, "labels") : ids);
    }

    private static int[] integers(ObjectNode row, String key) {
        JsonNode list = RowMessages.structured(row.get(key), key);
        if (!list.isArray()) {
            throw new RowException("has '" + key + "' that is not a list of integers");
        }
        int[] values = new int[list.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode value = list.get(i);
            if (!value.isIntegralNumber() || !value.canConvertToInt()) {
                throw new RowException(key + "[" + i + "] is " + value + ", not an integer");
            }
            values[i] = value.intValue();
        }
        return values;
    }

    static String text(ObjectNode row, String key) {
        JsonNode value = row.path(key);
        if (!value.isTextual() && !value.isNumber() && !value.isBoolean()) {
            throw new RowException("missing_content: '" + key + "' is not a text");
        }
        return value.asText();
    }
}
