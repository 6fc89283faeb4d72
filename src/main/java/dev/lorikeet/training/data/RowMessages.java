package dev.lorikeet.training.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// OpenAI's messages as a chat template gets them, the same as when a request brings them: `content` joined to one string, the
/// arguments of calls parsed, `developer` called `system`. Complaints begin with OpenAI's customary names.
final class RowMessages {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Set<String> ROLES = Set.of("developer", "system", "user", "assistant", "tool", "function");
    private static final Set<String> KEYS = Set.of("role", "content", "name", "tool_calls", "tool_call_id", "function_call", "weight", "refusal",
            "reasoning_content", "reasoning", "thinking");
    private static final String CONTENT = "content";

    private RowMessages() {}

    /// @param unlearned receives the indices of messages with weight 0
    static List<Map<String, Object>> read(JsonNode messages, Set<Integer> unlearned) {
        if (!messages.isArray() || messages.isEmpty()) {
            throw new RowException("missing_messages_list: 'messages' is not a list with at least one message");
        }
        List<Map<String, Object>> read = new ArrayList<>();
        for (JsonNode message : messages) {
            String at = "messages[" + read.size() + "]";
            if (!(message instanceof ObjectNode fields)) {
                throw new RowException("data_type: " + at + " is not an object");
            }
            Map<String, Object> plain = message(fields, at);
            if (weightIsZero(fields, at)) {
                unlearned.add(read.size());
            }
            read.add(plain);
        }
        if (read.stream().noneMatch(message -> "assistant".equals(message.get("role")))) {
            throw new RowException("example_missing_assistant_message: no message is the assistant's, so there is nothing to learn");
        }
        return read;
    }

    private static Map<String, Object> message(ObjectNode fields, String at) {
        String role = fields.path("role").asText("");
        if (!fields.path("role").isTextual()) {
            throw new RowException("message_missing_key: " + at + " has no role");
        }
        if (!ROLES.contains(role)) {
            throw new RowException("unrecognized_role: " + at + " has the role '" + role + "'; it must be system, developer, user, assistant, tool or function");
        }
        Map<String, Object> plain = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : fields.properties()) {
            if (!KEYS.contains(field.getKey())) {
                throw new RowException("message_unrecognized_key: " + at + " has the key '" + field.getKey() + "'");
            }
            if (!field.getValue().isNull() && !"weight".equals(field.getKey())) {
                plain.put(field.getKey(), value(field.getKey(), field.getValue(), at));
            }
        }
        requireText(fields, "name", at);
        requireText(fields, "tool_call_id", at);
        plain.put("role", "developer".equals(role) ? "system" : role);
        plain.put(CONTENT, content(fields, "assistant".equals(role), at));
        return plain;
    }

    private static void requireText(ObjectNode fields, String key, String at) {
        if (fields.hasNonNull(key) && !fields.get(key).isTextual()) {
            throw new RowException("data_type: " + at + "." + key + " is " + fields.get(key) + ", not a text");
        }
    }

    private static boolean weightIsZero(ObjectNode fields, String at) {
        JsonNode weight = fields.path("weight");
        if (weight.isMissingNode() || weight.isNull()) {
            return false;
        }
        if (!weight.isNumber() || weight.doubleValue() != 0 && weight.doubleValue() != 1) {
            throw new RowException(at + ".weight is " + weight + "; it must be 0 or 1");
        }
        return weight.doubleValue() == 0;
    }

    private static Object value(String key, JsonNode value, String at) {
        return switch (key) {
            case CONTENT -> "";
            case "tool_calls" -> {
                if (!value.isArray()) {
                    throw new RowException(at + ".tool_calls is not a list");
                }
                List<Object> calls = new ArrayList<>();
                value.forEach(call -> calls.add(call(call, at + ".tool_calls[" + calls.size() + "]")));
                yield calls;
            }
            case "function_call" -> function(value, at + ".function_call");
            default -> plain(value);
        };
    }

    private static Map<String, Object> call(JsonNode call, String at) {
        Map<String, Object> plain = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : call.properties()) {
            plain.put(field.getKey(), "function".equals(field.getKey()) ? function(field.getValue(), at + ".function") : plain(field.getValue()));
        }
        if (!(plain.get("function") instanceof Map<?, ?>)) {
            throw new RowException(at + " has no function");
        }
        return plain;
    }

    private static Map<String, Object> function(JsonNode function, String at) {
        if (!function.path("name").isTextual()) {
            throw new RowException(at + " has no name");
        }
        Map<String, Object> plain = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : function.properties()) {
            JsonNode value = field.getValue();
            boolean text = "arguments".equals(field.getKey()) && value.isTextual();
            plain.put(field.getKey(), !text ? plain(value) : value.textValue().isBlank() ? new LinkedHashMap<>() : plain(parse(value.textValue(), at + ".arguments")));
        }
        return plain;
    }

    private static Object content(ObjectNode fields, boolean assistant, String at) {
        JsonNode content = fields.path(CONTENT);
        if (content.isTextual()) {
            return content.textValue();
        }
        if (content.isArray()) {
            List<String> parts = new ArrayList<>();
            for (JsonNode part : content) {
                String type = part.path("type").asText("");
                boolean known = "text".equals(type) || assistant && "refusal".equals(type);
                if (!known || !part.path(type).isTextual()) {
                    throw new RowException("missing_content: " + at + ".content[" + parts.size() + "] is no text; models here read and write text");
                }
                parts.add(part.path(type).textValue());
            }
            return String.join("\n", parts);
        }
        boolean mayLack = assistant && (fields.hasNonNull("tool_calls") || fields.hasNonNull("function_call") || fields.hasNonNull("refusal"));
        if (!mayLack || !content.isNull() && !content.isMissingNode()) {
            throw new RowException("missing_content: " + at + " has neither a text as content nor tool_calls");
        }
        return null;
    }

    /// A structure, or the text of one: formats without nesting carry JSON in strings.
    static JsonNode structured(JsonNode value, String name) {
        return value.isTextual() && !value.textValue().isBlank() ? parse(value.textValue(), name) : value;
    }

    static JsonNode parse(String text, String name) {
        try {
            return requireUnicode(JSON.readTree(text), "'" + name + "'");
        } catch (JsonProcessingException _) {
            throw new RowException("'" + name + "' is not valid JSON");
        }
    }

    /// JSON can spell half of a surrogate pair, which no tokenizer can take.
    static JsonNode requireUnicode(JsonNode value, String name) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(value.toString())) {
            throw new RowException(name + " holds half of a surrogate pair, which is not valid Unicode text");
        }
        return value;
    }

    static Object plain(JsonNode value) {
        return JSON.convertValue(value, Object.class);
    }
}
