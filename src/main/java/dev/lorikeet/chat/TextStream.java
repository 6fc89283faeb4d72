package dev.lorikeet.chat;

import dev.lorikeet.engine.Phases;
import java.time.Duration;
import java.util.Optional;

/// The text of one sequence as it grows. One thread reads it.
public interface TextStream extends AutoCloseable {
    /// The next event, or empty if none came within `timeout`; not to be called after `End` or `Failure`.
    Optional<TextEvent> next(Duration timeout) throws InterruptedException;

    /// How far the generation has come; empty where nobody keeps the time.
    default Optional<Phases> phases() {
        return Optional.empty();
    }

    /// Cancels the generation. Harmless after the end.
    @Override
    void close();
}
