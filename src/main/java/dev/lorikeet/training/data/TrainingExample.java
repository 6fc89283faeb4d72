package dev.lorikeet.training.data;

import java.util.List;

/// What one row of a file teaches.
public sealed interface TrainingExample permits Example, PreferencePair {
    /// The sequences that are computed for it, in a fixed order.
    List<Example> sequences();

    /// Where the row stands in its file.
    int line();

    /// Of the longest sequence.
    default int longest() {
        return sequences().stream().mapToInt(Example::length).max().orElseThrow();
    }

    /// Whether every sequence has a token with a loss.
    default boolean teaches() {
        return sequences().stream().allMatch(sequence -> sequence.learnedTokens() > 0);
    }
}
