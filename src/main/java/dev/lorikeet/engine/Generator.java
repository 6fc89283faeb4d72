package dev.lorikeet.engine;

/// Accepts sequences and generates them together (continuous batching).
public interface Generator {
    /// Queues a sequence.
    ///
    /// @throws QueueFullException when `--max-queue` sequences already wait
    /// @throws ContextLengthException when the prompt leaves no room for one output token
    /// @throws IllegalStateException when the model is being unloaded or the engine has stopped
    TokenStream submit(GenerationRequest request);

    /// Waits until nothing in the engine refers to an adapter any more, so that it can be freed. Every sequence on it must have ended or be
    /// cancelled before, and none may come after.
    void release(LoadedAdapter adapter) throws InterruptedException;

    /// Prompt and output tokens of one sequence at most.
    int maxContext();
}
