package dev.lorikeet.chat;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a chat template is given. Values are plain JSON data: `Map`, `List`, `String`, `Long`, `Double`, `Boolean`, null.
///
/// @param messages as the request has them, every key included; `content` already a string (or null), tool-call `arguments` already
/// objects
/// @param tools empty: the template sees none
/// @param documents empty: the template sees none
/// @param addGenerationPrompt end with the header of the assistant's turn
/// @param continueFinalMessage leave the last message open, so that the model continues it
/// @param kwargs `chat_template_kwargs`
/// @param template a template of the request's own in place of the model's
public record ChatPrompt(List<Map<String, Object>> messages, List<Object> tools, List<Object> documents, boolean addGenerationPrompt,
                         boolean continueFinalMessage, Map<String, Object> kwargs, Optional<String> template) {
    public ChatPrompt withDocuments(List<Object> others) {
        return new ChatPrompt(messages, tools, others, addGenerationPrompt, continueFinalMessage, kwargs, template);
    }

    public ChatPrompt withMessages(List<Map<String, Object>> others) {
        return new ChatPrompt(others, tools, documents, addGenerationPrompt, continueFinalMessage, kwargs, template);
    }
}
