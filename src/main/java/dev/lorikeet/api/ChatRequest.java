package dev.lorikeet.api;

import dev.lorikeet.chat.ChatPrompt;
import dev.lorikeet.registry.AdapterLeases;
import java.util.List;
import java.util.OptionalInt;

/// A valid body of `POST /v1/chat/completions`. @param logprobs alternatives per output token, empty for none at all
record ChatRequest(String model, List<AdapterLeases.Wish> lora, ChatPrompt chat, SamplingFields sampling, StopFields stop, OutputFields output,
                   OptionalInt logprobs, RagFields rag) {
    private static final int MAX_TOP_LOGPROBS = 20;

    static ChatRequest read(Fields fields, boolean templatesTrusted) {
        String model = fields.requireText("model");
        ChatPrompt chat = ChatFields.read(fields, templatesTrusted);
        OptionalInt logprobs = logprobs(fields);
        var request = new ChatRequest(model, LoraField.read(fields), chat, SamplingFields.read(fields), StopFields.read(fields),
                OutputFields.read(fields), logprobs, RagFields.read(fields));
        FieldPolicy.finish(fields);
        return request;
    }

    /// The same with another conversation.
    ChatRequest with(ChatPrompt other) {
        return new ChatRequest(model, lora, other, sampling, stop, output, logprobs, rag);
    }

    private static OptionalInt logprobs(Fields fields) {
        boolean wanted = fields.flag("logprobs", false);
        OptionalInt top = fields.integer("top_logprobs", 0, MAX_TOP_LOGPROBS);
        if (top.isPresent() && !wanted) {
            throw ApiException.invalid(fields.path("top_logprobs"), "'top_logprobs' is only allowed when 'logprobs' is true.");
        }
        return wanted ? OptionalInt.of(top.orElse(0)) : OptionalInt.empty();
    }
}
