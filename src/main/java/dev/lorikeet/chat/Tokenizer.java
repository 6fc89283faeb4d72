package dev.lorikeet.chat;

import java.util.List;
import java.util.OptionalInt;

/// Text to token ids and back, as `tokenizer.json` says. Padding and truncation stored in that file are ignored.
public interface Tokenizer {
    /// Encodes text; special tokens written in it are recognised.
    ///
    /// @param addSpecialTokens let the post-processor add BOS and the like
    int[] encode(String text, boolean addSpecialTokens);

    /// Encodes text in which nothing is special: `</s>` becomes the tokens of five characters.
    int[] encodeLiteral(String text);

    /// All text of the ids at once; bytes that are no character become U+FFFD.
    String decode(int[] ids, boolean skipSpecialTokens);

    /// The token as the vocabulary writes it, for example `▁the` or `Ġthe`.
    String token(int id);

    /// The bytes that a token stands for, possibly an incomplete UTF-8 sequence.
    byte[] bytes(int id);

    boolean isSpecial(int id);

    OptionalInt bosId();

    OptionalInt eosId();

    /// Largest id + 1, added tokens included.
    int vocabularySize();

    /// The vocabulary's entries for the ids.
    default List<String> tokens(int[] ids) {
        return java.util.Arrays.stream(ids).mapToObj(this::token).toList();
    }
}
