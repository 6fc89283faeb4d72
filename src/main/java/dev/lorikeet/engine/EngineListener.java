package dev.lorikeet.engine;

/// Hears what an engine does. Called on the engine thread, so every method must return at once.
public interface EngineListener {
    /// Hears nothing.
    EngineListener NONE = new EngineListener() {};

    /// A step has been computed. @param tokens of prompts and decoding sequences together
    default void step(int tokens) {}

    /// A prompt is cached and its first output token drawn. @param reusedTokens of the prompt that were cached before
    /// @param nanos since the request came
    default void firstToken(int promptTokens, int reusedTokens, long nanos) {}

    /// A further output token. @param nanos since the one before it
    default void nextToken(long nanos) {}

    /// A sequence has ended, however it did.
    default void ended(Ended sequence) {}

    /// How a sequence ended.
    enum Outcome {
        /// By an end token, a stop token or a stop string.
        STOP,
        /// By a limit on its tokens.
        LENGTH,
        /// By its own repetition, where the request asked for that.
        REPETITION,
        /// Its client went, or its time was over.
        ABORT,
        /// The engine failed.
        ERROR
    }

    /// @param queueNanos before its first step @param prefillNanos from there to its first token @param decodeNanos from there to the end
    /// @param totalNanos since the request came
    record Ended(Outcome outcome, int promptTokens, int generatedTokens, long queueNanos, long prefillNanos, long decodeNanos, long totalNanos) {}
}
