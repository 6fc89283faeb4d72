package dev.lorikeet.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Chat messages as a template gets them: every key of the request, `content` joined to one string, the arguments of tool
/// calls parsed, `developer` called `system`.
final class Messages {
    private static final Set<String> ROLES = Set.of("developer", "system", "user", "assistant", "tool", "function");
    private static final String CONTENT = "content";
    private static final String TOOL_CALLS = "tool_calls";

    private Messages() {}

    static List<Map<String, Object>> read(Fields fields) {
        JsonNode messages = fields.require("messages");
        List<Map<String, Object>> read = Fields.list(messages, fields.path("messages"), (node, path) -> message(Fields.object(node, path)));
        if (read.isEmpty()) {
            throw ApiException.invalid(fields.path("messages"), "'messages' is empty; at least one message is needed.");
        }
        return read;
    }

    private static Map<String, Object> message(Fields fields) {
        String role = fields.requireText("role");
        if (!ROLES.contains(role)) {
            throw ApiException.invalid(fields.path("role"), "unsupported_value",
                    "Invalid value for '" + fields.path("role") + "': expected one of developer, system, user, assistant, tool, function.");
        }
        fields.text("name");
        fields.text("tool_call_id");
        Object content = content(fields, role);
        Map<String, Object> message = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : fields.node().properties()) {
            // Clients send an answer's message back with all its keys, such as "refusal": null; templates test for presence.
            if (!entry.getValue().isNull()) {
                message.put(entry.getKey(), value(entry.getKey(), entry.getValue(), fields));
            }
        }
        message.put("role", "developer".equals(role) ? "system" : role);
        message.put(CONTENT, content);
        return message;
    }

    private static Object value(String key, JsonNode value, Fields fields) {
        String path = fields.path(key);
        return switch (key) {
            case CONTENT -> null;
            case TOOL_CALLS -> Fields.list(value, path, (call, at) -> toolCall(Fields.object(call, at)));
            case "function_call" -> function(Fields.object(value, path));
            default -> Json.plain(value, path);
        };
    }

    private static Object content(Fields fields, String role) {
        boolean assistant = "assistant".equals(role);
        String path = fields.path(CONTENT);
        if (assistant && !fields.has(CONTENT) && (fields.has(TOOL_CALLS) || fields.has("function_call") || fields.has("refusal"))) {
            return null;
        }
        JsonNode content = fields.require(CONTENT);
        if (content.isTextual()) {
            return Fields.text(content, path);
        }
        if (!content.isArray()) {
            throw Fields.wrongType(path, "a string or an array of content parts", content);
        }
        return String.join("\n", Fields.list(content, path, (part, at) -> part(Fields.object(part, at), assistant)));
    }

    private static String part(Fields part, boolean assistant) {
        String type = part.requireText("type");
        if ("text".equals(type)) {
            return part.requireText("text");
        }
        if (assistant && "refusal".equals(type)) {
            return part.requireText("refusal");
        }
        throw ApiException.invalid(part.path("type"), "unsupported_value",
                "Invalid value for '" + part.path("type") + "': this model reads text; content parts of other types are not supported.");
    }

    private static Map<String, Object> toolCall(Fields call) {
        Fields function = Fields.object(call.require("function"), call.path("function"));
        Map<String, Object> plain = new LinkedHashMap<>();
        call.node().properties().forEach(entry -> plain.put(entry.getKey(),
                "function".equals(entry.getKey()) ? function(function) : Json.plain(entry.getValue(), call.path(entry.getKey()))));
        return plain;
    }

    /// Templates write arguments as JSON, so a string must be parsed first, or it would be quoted twice.
    private static Map<String, Object> function(Fields function) {
        function.requireText("name");
        Map<String, Object> plain = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : function.node().properties()) {
            String path = function.path(entry.getKey());
            JsonNode value = entry.getValue();
            boolean text = "arguments".equals(entry.getKey()) && value.isTextual();
            plain.put(entry.getKey(), text ? arguments(value.textValue(), path) : Json.plain(value, path));
        }
        return plain;
    }

    private static Object arguments(String text, String path) {
        if (text.isBlank()) {
            return new LinkedHashMap<String, Object>();
        }
        return Json.plain(Json.parse(text).orElseThrow(() -> ApiException.invalid(path, "'" + path + "' is not valid JSON.")), path);
    }

    /// The tools a template is to show: none when the request forbids their use.
    static List<Object> tools(Fields fields) {
        List<Object> tools = new ArrayList<>(fields.list("tools", (node, path) -> tool(Fields.object(node, path))));
        tools.addAll(fields.list("functions", (node, path) -> Map.of("type", "function", "function", named(Fields.object(node, path)))));
        fields.flag("parallel_tool_calls", true);
        boolean shown = choice(fields, "tool_choice") && choice(fields, "function_call");
        return shown ? tools : List.of();
    }

    private static Object tool(Fields tool) {
        String type = tool.requireText("type");
        if (!"function".equals(type)) {
            throw ApiException.invalid(tool.path("type"), "unsupported_value",
                    "Invalid value for '" + tool.path("type") + "': only 'function' is supported.");
        }
        named(Fields.object(tool.require("function"), tool.path("function")));
        return Json.plain(tool.node(), tool.path());
    }

    private static Object named(Fields function) {
        function.requireText("name");
        return Json.plain(function.node(), function.path());
    }

    private static boolean choice(Fields fields, String name) {
        return fields.get(name).map(node -> switch (node.isTextual() ? node.textValue() : "") {
            case "none" -> false;
            case "auto" -> true;
            default -> throw ApiException.invalid(fields.path(name), "unsupported_value", "'" + fields.path(name)
                    + "' other than 'none' and 'auto' is not supported yet: this server does not constrain what the model writes.");
        }).orElse(true);
    }
}
