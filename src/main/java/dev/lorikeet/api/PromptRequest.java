package dev.lorikeet.api;

import dev.lorikeet.chat.ChatPrompt;
import dev.lorikeet.chat.Prompt;
import dev.lorikeet.registry.ServedModel;
import java.util.OptionalInt;

/// A conversation of which the prompt alone is wanted, as a chat with the same fields would have it: documents and results of a search included.
///
/// @param answer tokens that the chat would leave for the answer, which decides how much of the documents fits
record PromptRequest(ChatPrompt chat, RagFields rag, OptionalInt answer) {
    static PromptRequest read(Fields fields, boolean templatesTrusted) {
        return new PromptRequest(ChatFields.read(fields, templatesTrusted), RagFields.read(fields), StopFields.maxTokens(fields));
    }

    /// Blocks while it searches.
    Prompt prompt(ServedModel served, Grounder grounder) {
        return served.model().prompt(grounder.ground(chat, rag, served, answer).chat());
    }
}
