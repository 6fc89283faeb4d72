package dev.lorikeet.engine;

/// Why a sequence ended.
public sealed interface FinishReason {
    /// The model's own end token, which is not part of the output.
    record EndToken(int id) implements FinishReason {}
    /// One of the request's `stop_token_ids`, which is not part of the output.
    record StopToken(int id) implements FinishReason {}
    /// `max_tokens` were generated.
    record MaxTokens() implements FinishReason {}
    /// Prompt and output fill the context.
    record ContextFull() implements FinishReason {}
    /// The request's or the server's time limit passed.
    record TimeLimit() implements FinishReason {}
    /// The output fell into a loop and the request asked to stop there.
    record RepetitionLoop() implements FinishReason {}
    /// The consumer cancelled.
    record Cancelled() implements FinishReason {}
}
