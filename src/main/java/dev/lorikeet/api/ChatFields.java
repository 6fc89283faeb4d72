package dev.lorikeet.api;

import dev.lorikeet.chat.ChatPrompt;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the chat endpoints, `/tokenize` and `/apply-template` have in common: a conversation for the template.
final class ChatFields {
    private static final String TEMPLATE = "chat_template";

    private ChatFields() {}

    /// @param templatesTrusted whether a request may bring a template of its own
    static ChatPrompt read(Fields fields, boolean templatesTrusted) {
        Optional<Boolean> generation = fields.optionalFlag("add_generation_prompt");
        boolean goOn = fields.flag("continue_final_message", false);
        if (goOn && generation.orElse(false)) {
            throw ApiException.invalid(fields.path("continue_final_message"),
                    "'continue_final_message' and 'add_generation_prompt' must not both be true.");
        }
        // A chat prompt gets its BOS from the template, or else from us; never two. So there is nothing left to ask for.
        fields.flag("add_special_tokens", false);
        Optional<String> template = fields.text(TEMPLATE);
        Map<String, Object> kwargs = fields.object("chat_template_kwargs").map(ChatFields::map).orElse(Map.of());
        if (!templatesTrusted && (template.isPresent() || kwargs.containsKey(TEMPLATE))) {
            String path = template.isPresent() ? TEMPLATE : "chat_template_kwargs." + TEMPLATE;
            throw ApiException.invalid(fields.path(path), "unsupported_value", "'" + path
                    + "' is not allowed: this server runs only the model's own template (see --trust-request-chat-template).");
        }
        List<Object> documents = fields.list("documents", (node, path) -> map(Fields.object(node, path)));
        return new ChatPrompt(Messages.read(fields), Messages.tools(fields), documents, generation.orElse(!goOn), goOn, kwargs, template);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Fields fields) {
        return (Map<String, Object>) Json.plain(fields.node(), fields.path());
    }
}
