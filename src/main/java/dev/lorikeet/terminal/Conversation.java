package dev.lorikeet.terminal;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/// What has been said, under which system prompt, and to which model.
final class Conversation {
    private final ChatSettings settings;
    private final List<Message> messages = new ArrayList<>();
    private String model;
    private String system;

    Conversation(ChatSettings settings) {
        this.settings = settings;
        this.model = settings.model();
        this.system = settings.system();
    }

    String model() {
        return model;
    }

    String system() {
        return system;
    }

    /// From now on; what was said so far stays.
    void talkTo(String otherModel) {
        model = otherModel;
    }

    /// @param prompt empty for none
    void system(String prompt) {
        system = prompt;
    }

    void forget() {
        messages.clear();
    }

    void add(Message question, Message answer) {
        messages.add(question);
        messages.add(answer);
    }

    /// The request for the answer to a question.
    ObjectNode request(Message question) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("model", model).put("stream", true);
        settings.temperature().ifPresent(value -> body.put("temperature", value));
        settings.maxTokens().ifPresent(value -> body.put("max_tokens", value));
        var said = body.putArray("messages");
        if (!system.isEmpty()) {
            said.addObject().put("role", "system").put("content", system);
        }
        messages.forEach(message -> said.addObject().put("role", message.role()).put("content", message.content()));
        said.addObject().put("role", question.role()).put("content", question.content());
        return body;
    }
}
