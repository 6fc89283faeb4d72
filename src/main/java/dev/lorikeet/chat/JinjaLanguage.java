package dev.lorikeet.chat;

import dev.lorikeet.chat.jinja.JinjaTemplate;
import dev.lorikeet.chat.jinja.RaisedByTemplate;
import dev.lorikeet.chat.jinja.Rendered;
import dev.lorikeet.chat.jinja.Sourced;
import dev.lorikeet.chat.jinja.TemplateException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/// Chat templates as they are: Jinja.
final class JinjaLanguage implements TemplateLanguage {
    private static final Set<String> KNOWN_ROLES = Set.of("system", "developer", "user", "assistant", "tool", "function");
    private static final int MAX_DEPTH = 200;

    @Override
    public Compiled compile(String source) {
        JinjaTemplate template = refusing(() -> JinjaTemplate.compile(source));
        return (trusted, untrusted) -> {
            Rendered rendered = refusing(() -> template.render(trusted, numbered(untrusted)));
            return rendered.segments().stream().map(segment -> new Segment(segment.text(), segment.origin())).toList();
        };
    }

    // Each message's strings carry its number. But templates write control tokens around the role, as in '<|' + message.role + '|>'. A known
    // role cannot spell anything of its own, so it counts as the template's text; any other stays data.
    private static Map<String, Object> numbered(Map<String, ?> variables) {
        Map<String, Object> result = new HashMap<>(variables);
        if (variables.get("messages") instanceof List<?> messages) {
            List<Object> sourced = new ArrayList<>();
            for (int i = 0; i < messages.size(); i++) {
                Object message = sourced(messages.get(i), Segment.ofMessage(i), 0);
                if (message instanceof Map<?, ?> fields && fields.get("role") instanceof Sourced role && KNOWN_ROLES.contains(role.text())) {
                    @SuppressWarnings("unchecked") Map<Object, Object> own = (Map<Object, Object>) fields;
                    own.put("role", new Sourced(role.text(), 0));
                }
                sourced.add(message);
            }
            result.put("messages", sourced);
        }
        return result;
    }

    private static Object sourced(Object value, int origin, int depth) {
        if (depth > MAX_DEPTH) {
            throw new TemplateRefusal("a message is nested deeper than " + MAX_DEPTH);
        }
        return switch (value) {
            case String text -> new Sourced(text, origin);
            case List<?> items -> {
                List<Object> copy = new ArrayList<>(items.size());
                items.forEach(item -> copy.add(sourced(item, origin, depth + 1)));
                yield copy;
            }
            case Map<?, ?> fields -> {
                Map<Object, Object> copy = new LinkedHashMap<>();
                // The message's own keys are read by name; further in, keys are part of what it says.
                fields.forEach((key, field) -> copy.put(depth == 0 ? key : sourced(key, origin, depth + 1), sourced(field, origin, depth + 1)));
                yield copy;
            }
            case null, default -> value;
        };
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
