package dev.lorikeet.chat;

import dev.lorikeet.chat.jinja.JinjaTemplate;
import dev.lorikeet.chat.jinja.RaisedByTemplate;
import dev.lorikeet.chat.jinja.Rendered;
import dev.lorikeet.chat.jinja.Sourced;
import dev.lorikeet.chat.jinja.TemplateException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/// Chat templates as they are: Jinja.
final class JinjaLanguage implements TemplateLanguage {
    private static final Set<String> KNOWN_ROLES = Set.of("system", "developer", "user", "assistant", "tool", "function");

    @Override
    public Compiled compile(String source) {
        JinjaTemplate template = refusing(() -> JinjaTemplate.compile(source));
        return (trusted, untrusted) -> {
            Rendered rendered = refusing(() -> template.render(trusted, withRoles(untrusted)));
            return rendered.segments().stream().map(segment -> new Segment(segment.text(), segment.trusted())).toList();
        };
    }

    // Templates write control tokens around the role, as in '<|' + message.role + '|>'. A known role cannot spell anything of its own, so
    // it counts as the template's text; any other stays data.
    private static Map<String, Object> withRoles(Map<String, ?> variables) {
        Map<String, Object> result = new HashMap<>(variables);
        if (variables.get("messages") instanceof List<?> messages) {
            result.put("messages", messages.stream().map(JinjaLanguage::withRole).toList());
        }
        return result;
    }

    private static Object withRole(Object message) {
        if (!(message instanceof Map<?, ?> fields) || !(fields.get("role") instanceof String role) || !KNOWN_ROLES.contains(role)) {
            return message;
        }
        Map<Object, Object> result = new LinkedHashMap<>(fields);
        result.put("role", new Sourced(role, 0));
        return result;
    }

    private static <T> T refusing(Supplier<T> step) {
        try {
            return step.get();
        } catch (RaisedByTemplate e) {
            throw new TemplateRefusal(e.getMessage());
        } catch (TemplateException e) {
            throw new TemplateRefusal("chat template, line " + e.line() + ", column " + e.column() + ": " + e.getMessage());
        }
    }
}
