package dev.lorikeet.engine;

import java.time.Duration;
import java.util.Optional;

/// The consumer's end of one sequence. One thread reads it.
public interface TokenStream extends AutoCloseable {
    /// The next event, or empty if none came within `timeout`. After `Finished` or `Failed` it must not be called again.
    Optional<GenerationEvent> next(Duration timeout) throws InterruptedException;

    /// Stops the sequence; its slot is free by the engine's next step. Harmless after the end.
    void cancel();

    /// As [#cancel()], when the reader has all that was asked for, such as a stop string.
    default void finish() {
        cancel();
    }

    /// How far the sequence has come; empty where nobody keeps the time.
    default Optional<Phases> phases() {
        return Optional.empty();
    }

    /// Same as [#cancel()].
    @Override
    default void close() {
        cancel();
    }
}
