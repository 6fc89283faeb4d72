package dev.lorikeet.chat;

import dev.lorikeet.engine.Generator;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A model as text sees it: its tokenizer, its chat template, its defaults and its engine. Safe for use by many threads.
public interface TextModel {
    Tokenizer tokenizer();

    /// Token ids that the model computes with: 0 to this, exclusively. Often padded, so that the last ones are no token of the tokenizer.
    int embeddingRows();

    GenerationDefaults defaults();

    Generator generator();

    /// Renders and encodes a chat.
    ///
    /// @throws TemplateRefusal when the template raises (its message is for the caller) or cannot render this chat
    Prompt prompt(ChatPrompt chat);

    /// Whether the template that this chat would be written with writes `documents` itself: without any it writes other text, or nothing at all.
    default boolean rendersDocuments(ChatPrompt chat) {
        String with;
        try {
            with = prompt(chat.withDocuments(List.of(Map.of("title", "lorikeet", "text", "parrot")))).text();
        } catch (TemplateRefusal _) {
            return false;
        }
        try {
            return !with.equals(prompt(chat.withDocuments(List.of())).text());
        } catch (TemplateRefusal _) {
            return true;
        }
    }

    /// Encodes text in which nothing is special.
    ///
    /// @throws dev.lorikeet.engine.ContextLengthException no prompt may be so long
    default int[] literal(String text) {
        return tokenizer().encodeLiteral(text);
    }

    /// Encodes a raw prompt: special tokens are recognised; BOS is added where the tokenizer adds one, and never twice.
    Prompt prompt(String text, boolean addSpecialTokens);

    /// SHA-256 of the chat template's text, in hexadecimal: who trains notes it, so that serving can tell whether it still is the same.
    String templateSha256();

    /// This model with the text files of an adapter's folder, as far as it has its own.
    ///
    /// @param endTokenIds further tokens that end a text
    /// @throws dev.lorikeet.store.BadFileException naming the file that cannot be used
    AdaptedText adapted(Path folder, Set<Integer> endTokenIds);

    /// Starts one text. Exceptions as [Generator#submit].
    TextStream generate(TextRequest request);
}
