package dev.lorikeet.chat;

import java.util.List;

/// A chat as token ids, and which of them the assistant is to write.
///
/// @param ids as [TextModel#prompt(ChatPrompt)] gives them for the same chat
/// @param turns one for each of the assistant's messages that the template wrote, in the order of the text
public record AnnotatedChat(String text, int[] ids, List<Turn> turns) {
    /// Tokens `from` to `to` (the end not included) of an answer: from the end of the generation prompt to the end-of-turn token.
    ///
    /// @param message index of the assistant's message
    /// @param ended the last token is one that ends a turn
    /// @param borderMerged one token stands for the end of the generation prompt and the beginning of the answer; it is not in the turn
    public record Turn(int message, int from, int to, boolean ended, boolean borderMerged) {}

    public AnnotatedChat {
        turns = List.copyOf(turns);
    }
}
