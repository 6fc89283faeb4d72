package dev.lorikeet.engine;

import java.util.List;
import java.util.Optional;

/// What a [TokenStream] delivers: at most one `PromptScored`, then `Token`s, then exactly one `Finished` or `Failed`.
public sealed interface GenerationEvent {
    /// Log-probabilities of prompt tokens 1…n−1 given what precedes each (the first token has none).
    record PromptScored(List<TokenLogprobs> tokens) implements GenerationEvent {
        public PromptScored {
            tokens = List.copyOf(tokens);
        }
    }

    /// One output token. End and stop tokens that finish the sequence do not appear.
    record Token(int id, Optional<TokenLogprobs> logprobs) implements GenerationEvent {}

    /// The end. @param generatedTokens tokens drawn, a final end or stop token included; @param cachedTokens prompt tokens whose
    /// keys and values were reused
    record Finished(FinishReason reason, int generatedTokens, int cachedTokens) implements GenerationEvent {}

    /// The engine could not go on with this sequence; others are not touched.
    record Failed(String message) implements GenerationEvent {}
}
