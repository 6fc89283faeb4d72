package dev.lorikeet.training.data;

import dev.lorikeet.chat.ChatPrompt;
import java.util.List;
import java.util.Set;

/// What a row of a file is, told by its keys.
sealed interface Row {
    /// Rendered by the model's chat template. @param unlearned indices of messages without a loss
    record Chat(ChatPrompt chat, Set<Integer> unlearned) implements Row {}

    /// Learned from end to end.
    record Text(String text) implements Row {}

    /// A piece of prompt or completion. @param trusted control tokens spelled in it are control tokens
    record Piece(String text, boolean trusted) {}

    /// A prompt as it stands, and what follows it.
    record Completion(List<Piece> prompt, List<Piece> completion) implements Row {}

    /// Encoded already.
    record Tokens(int[] inputIds, int[] labels) implements Row {}
}
