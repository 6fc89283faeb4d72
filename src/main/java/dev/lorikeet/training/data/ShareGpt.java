package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/// ShareGPT's conversations, `from` and `value`, as messages. Lists of `role` and `content` under the same name are messages already.
final class ShareGpt {
    private static final Map<String, String> ROLES = Map.ofEntries(Map.entry("human", "user"), Map.entry("user", "user"), Map.entry("gpt", "assistant"),
            Map.entry("assistant", "assistant"), Map.entry("chatgpt", "assistant"), Map.entry("bing", "assistant"), Map.entry("bard", "assistant"),
            Map.entry("model", "assistant"), Map.entry("bot", "assistant"), Map.entry("function_call", "assistant"), Map.entry("observation", "tool"),
            Map.entry("tool", "tool"), Map.entry("system", "system"));

    private ShareGpt() {}

    static ArrayNode messages(JsonNode conversations, ObjectNode row) {
        if (!conversations.isArray() || conversations.isEmpty()) {
            throw new RowException("missing_messages_list: 'conversations' is not a list with at least one turn");
        }
        ArrayNode messages = JsonNodeFactory.instance.arrayNode();
        if (!row.path("system").asText("").isBlank()) {
            messages.addObject().put("role", "system").put("content", row.get("system").asText());
        }
        for (int i = 0; i < conversations.size(); i++) {
            JsonNode turn = conversations.get(i);
            messages.add(turn.hasNonNull("role") ? turn : message(turn, "conversations[" + i + "]"));
        }
        return messages;
    }

    private static ObjectNode message(JsonNode turn, String at) {
        String from = turn.path("from").asText("");
        String role = ROLES.get(from);
        if (role == null) {
            throw new RowException("unrecognized_role: " + at + ".from is '" + from + "'; it must be one of " + ROLES.keySet().stream().sorted().toList());
        }
        if (!turn.path("value").isTextual()) {
            throw new RowException("missing_content: " + at + ".value is not a text");
        }
        ObjectNode message = JsonNodeFactory.instance.objectNode().put("role", role);
        if (turn.hasNonNull("weight")) {
            message.set("weight", turn.get("weight"));
        }
        return "function_call".equals(from) ? calls(message, turn.get("value").textValue(), at) : message.put("content", turn.get("value").textValue());
    }

    private static ObjectNode calls(ObjectNode message, String value, String at) {
        JsonNode parsed = RowMessages.parse(value, at + ".value");
        ArrayNode calls = message.put("content", "").putArray("tool_calls");
        for (JsonNode call : parsed.isArray() ? parsed : JsonNodeFactory.instance.arrayNode().add(parsed)) {
            calls.addObject().put("type", "function").set("function", call);
        }
        return message;
    }
}
