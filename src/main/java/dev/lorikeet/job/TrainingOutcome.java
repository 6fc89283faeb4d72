package dev.lorikeet.job;

/// How a call of the trainer ended.
public sealed interface TrainingOutcome {
    /// The adapter is in the output folder.
    ///
    /// @param trainedTokens learned tokens × passes
    record Completed(long trainedTokens) implements TrainingOutcome {}

    /// It was asked to stop; a checkpoint says where.
    record Interrupted() implements TrainingOutcome {}
}
