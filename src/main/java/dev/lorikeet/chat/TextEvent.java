package dev.lorikeet.chat;

import java.util.List;
import java.util.Optional;

/// What a [TextStream] delivers: at most one `PromptScores`, then `Delta`s, then exactly one `End` or `Failure`.
public sealed interface TextEvent {
    /// One element per prompt token; the first is empty, since nothing precedes it.
    record PromptScores(List<Optional<ScoredToken>> tokens) implements TextEvent {}

    /// Text that is final: whole characters, and no possible beginning of a stop string.
    ///
    /// @param text may be empty when tokens were drawn whose text is still held back or hidden
    /// @param tokens the output tokens since the last delta, each in exactly one delta
    record Delta(String text, List<OutputToken> tokens) implements TextEvent {}

    /// The end. @param stopReason the stop string or stop token id that fired, or empty (end token, length, …)
    record End(StopKind kind, Optional<Object> stopReason, Usage usage) implements TextEvent {}

    /// Generation broke off; the text so far stands.
    record Failure(String message) implements TextEvent {}

    /// An output token; `scores` only if log-probabilities were asked for.
    record OutputToken(int id, Optional<ScoredToken> scores) {}

    /// A token as log-probabilities show it.
    ///
    /// @param text the token's text (a byte that is no whole character shows as U+FFFD)
    /// @param bytes its bytes, possibly an incomplete UTF-8 sequence
    /// @param top likeliest first, without tops of their own
    record ScoredToken(int id, String text, byte[] bytes, float logprob, int rank, List<ScoredToken> top) {}

    /// @param completionTokens tokens drawn, the end token included (as vLLM counts)
    record Usage(int promptTokens, int completionTokens, int cachedTokens) {}

    /// What ended the text. `finishReason` is OpenAI's word for it.
    enum StopKind {
        END_TOKEN("stop"), STOP_TOKEN("stop"), STOP_STRING("stop"), REPETITION("stop"), MAX_TOKENS("length"), CONTEXT_FULL("length"),
        TIME_LIMIT("length"), CANCELLED("stop");

        private final String finishReason;

        StopKind(String finishReason) {
            this.finishReason = finishReason;
        }

        public String finishReason() {
            return finishReason;
        }
    }
}
