package dev.lorikeet.merge;

/// Hears how far a merge is. May throw [java.util.concurrent.CancellationException] to end it; nothing is left then.
@FunctionalInterface
public interface MergeProgress {
    /// What is being done.
    enum Stage {
        WRITING, VERIFYING
    }

    /// @param fraction 0…1 of this stage
    void report(Stage stage, double fraction);
}
