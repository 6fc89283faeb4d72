package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Tells by its keys what a row of two answers is, and makes two rows of it that have the prompt in common.
final class PreferenceRowReader {
    private static final String CHOSEN = "chosen";
    private static final String REJECTED = "rejected";
    private static final String PROMPT = "prompt";
    private static final Pattern MESSAGES = Pattern.compile("\\s*\\[\\s*\\{\\s*\"(role|from|content|value)\"");
    private static final Set<String> ANSWERING = Set.of("assistant", "tool");

    private final RowReader rows;

    PreferenceRowReader(DataOptions options) {
        rows = new RowReader(options);
    }

    /// Both as the other kinds of training take them.
    record Pair(Row chosen, Row rejected) {}

    /// What both answers follow, and how their keys are called.
    private record Shared(ArrayNode prompt, List<Object> tools, String chosenKey, String rejectedKey) {}

    /// @throws RowException when it is no pair
    Pair read(ObjectNode row) {
        RowMessages.requireUnicode(row, "it");
        for (String key : List.of("preferred_output", "preferred_completion")) {
            if (row.hasNonNull(key)) {
                return openAi(row, key, "non_" + key);
            }
        }
        requireBoth(row, CHOSEN, REJECTED);
        if (row.hasNonNull("conversations")) {
            return chat(row, ShareGpt.messages(RowMessages.structured(row.get("conversations"), "conversations"), row));
        }
        for (String key : List.of("question", "instruction")) {
            if (row.hasNonNull(key)) {
                return chat(row, turns(row, key));
            }
        }
        JsonNode chosen = answer(row, CHOSEN);
        JsonNode rejected = answer(row, REJECTED);
        if (chosen.isArray() != rejected.isArray()) {
            throw new RowException("has a 'chosen' and a 'rejected' of different kinds; both must be texts, or both lists of messages");
        }
        JsonNode prompt = nested(row.path(PROMPT), PROMPT);
        if (prompt.isArray()) {
            return chat(row, (ArrayNode) prompt);
        }
        return chosen.isArray() ? conversations(row, (ArrayNode) chosen, (ArrayNode) rejected) : texts(row);
    }

    private static void requireBoth(ObjectNode row, String chosen, String rejected) {
        if (!row.hasNonNull(chosen) || !row.hasNonNull(rejected)) {
            List<String> keys = new ArrayList<>();
            row.fieldNames().forEachRemaining(keys::add);
            throw new RowException("has the keys " + keys + ", which are no known kind of pair (input, preferred_output, non_preferred_output; prompt, chosen, rejected; "
                    + "system, question, chosen, rejected; conversations, chosen, rejected)");
        }
    }

    private Pair openAi(ObjectNode row, String chosenKey, String rejectedKey) {
        requireBoth(row, chosenKey, rejectedKey);
        JsonNode input = RowMessages.structured(row.path("input"), "input");
        JsonNode messages = input.path("messages");
        if (!(input instanceof ObjectNode fields) || !messages.isArray() || messages.isEmpty()) {
            throw new RowException("missing_messages_list: 'input.messages' is not a list with at least one message");
        }
        return pair(row, new Shared((ArrayNode) messages, RowReader.tools(fields), chosenKey, rejectedKey));
    }

    private Pair chat(ObjectNode row, ArrayNode prompt) {
        return pair(row, new Shared(prompt, RowReader.tools(row), CHOSEN, REJECTED));
    }

    private Pair pair(ObjectNode row, Shared shared) {
        return new Pair(answered(row, shared, shared.chosenKey()), answered(row, shared, shared.rejectedKey()));
    }

    private Row.Chat answered(ObjectNode row, Shared shared, String key) {
        ArrayNode answers = messages(answer(row, key), key);
        for (JsonNode message : answers) {
            if (!ANSWERING.contains(message.path("role").asText())) {
                throw new RowException("unrecognized_role: '" + key + "' has a message of the role '" + message.path("role").asText()
                        + "'; an answer is the assistant's, and calls of tools in it");
            }
        }
        Set<Integer> unlearned = new TreeSet<>();
        List<Map<String, Object>> all;
        try {
            RowMessages.read(answers, new TreeSet<>());
            all = RowMessages.read(JsonNodeFactory.instance.arrayNode().addAll(shared.prompt()).addAll(answers), unlearned);
        } catch (RowException e) {
            throw new RowException("prompt and '" + key + "': " + e.getMessage());
        }
        for (int i = 0; i < shared.prompt().size(); i++) {
            unlearned.add(i);
        }
        return new Row.Chat(rows.chat(all, shared.tools()), unlearned);
    }

    /// A text, or a list of messages that may have come as one message or as ShareGPT's turns.
    private static JsonNode answer(ObjectNode row, String key) {
        JsonNode parsed = nested(row.get(key), key);
        if (parsed.isTextual()) {
            return parsed;
        }
        ArrayNode list = parsed instanceof ArrayNode several ? several : JsonNodeFactory.instance.arrayNode().add(parsed);
        boolean shareGpt = list.valueStream().anyMatch(turn -> turn.hasNonNull("from"));
        return shareGpt ? ShareGpt.messages(list, JsonNodeFactory.instance.objectNode()) : list;
    }

    /// Formats without nesting carry lists of messages as JSON in a string.
    private static JsonNode nested(JsonNode value, String key) {
        return value.isTextual() && MESSAGES.matcher(value.textValue()).lookingAt() ? RowMessages.parse(value.textValue(), key) : value;
    }

    private static ArrayNode messages(JsonNode answer, String key) {
        if (answer instanceof ArrayNode list) {
            return list;
        }
        if (answer.textValue().isBlank()) {
            throw new RowException("missing_content: '" + key + "' is empty");
        }
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        list.addObject().put("role", "assistant").put("content", answer.textValue());
        return list;
    }

    private static ArrayNode turns(ObjectNode row, String key) {
        ArrayNode prompt = JsonNodeFactory.instance.arrayNode();
        if (!row.path("system").asText("").isBlank()) {
            prompt.addObject().put("role", "system").put("content", RowReader.text(row, "system"));
        }
        String question = RowReader.text(row, key);
        String input = key.equals("instruction") && row.hasNonNull("input") ? RowReader.text(row, "input") : "";
        prompt.addObject().put("role", "user").put("content", input.isBlank() ? question : question.isBlank() ? input : question + "\n\n" + input);
        return prompt;
    }

    /// Whole conversations: what they begin with alike is the prompt. A `prompt` beside them repeats it, or is the user's message.
    private Pair conversations(ObjectNode row, ArrayNode chosen, ArrayNode rejected) {
        int shared = 0;
        int most = Math.min(chosen.size(), rejected.size()) - 1;
        while (shared < most && chosen.get(shared).equals(rejected.get(shared))) {
            shared++;
        }
        ArrayNode prompt = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < shared; i++) {
            prompt.add(chosen.get(i));
        }
        if (shared == 0) {
            if (!row.hasNonNull(PROMPT)) {
                throw new RowException("has no 'prompt', and 'chosen' and 'rejected' do not begin with the same messages");
            }
            prompt.addObject().put("role", "user").put("content", RowReader.text(row, PROMPT));
        }
        ObjectNode rest = row.deepCopy();
        rest.set(CHOSEN, behind(chosen, shared));
        rest.set(REJECTED, behind(rejected, shared));
        return chat(rest, prompt);
    }

    private static ArrayNode behind(ArrayNode messages, int from) {
        ArrayNode rest = JsonNodeFactory.instance.arrayNode();
        for (int i = from; i < messages.size(); i++) {
            rest.add(messages.get(i));
        }
        return rest;
    }

    private static Pair texts(ObjectNode row) {
        String chosen = RowReader.text(row, CHOSEN);
        String rejected = RowReader.text(row, REJECTED);
        if (row.hasNonNull(PROMPT)) {
            String prompt = RowReader.text(row, PROMPT);
            return new Pair(completion(prompt, chosen), completion(prompt, rejected));
        }
        int shared = sharedLength(chosen, rejected);
        if (shared == 0) {
            throw new RowException("has no 'prompt', and 'chosen' and 'rejected' do not begin alike");
        }
        String prompt = chosen.substring(0, shared);
        return new Pair(completion(prompt, chosen.substring(shared)), completion(prompt, rejected.substring(shared)));
    }

    /// As TRL's `extract_prompt`: a blank in front of the first difference belongs to the answers.
    private static int sharedLength(String chosen, String rejected) {
        int shared = 0;
        int most = Math.min(chosen.length(), rejected.length());
        while (shared < most && chosen.charAt(shared) == rejected.charAt(shared)) {
            shared++;
        }
        if (shared > 0 && Character.isHighSurrogate(chosen.charAt(shared - 1))) {
            shared--;
        }
        return shared > 0 && chosen.charAt(shared - 1) == ' ' ? shared - 1 : shared;
    }

    private static Row.Completion completion(String prompt, String answer) {
        if (answer.isEmpty()) {
            throw new RowException("missing_content: an answer is empty");
        }
        return new Row.Completion(List.of(new Row.Piece(prompt, true)), List.of(new Row.Piece(answer, true)));
    }
}
