package dev.lorikeet.job;

import java.util.Map;
import java.util.Optional;

/// How a call of the trainer ended.
public sealed interface TrainingOutcome {
    /// The adapter is in the output folder.
    ///
    /// @param trainedTokens learned tokens × passes @param samples answers of base and adapter beside each other, if they were wanted
    record Completed(long trainedTokens, Map<String, Double> metrics, Optional<String> samples) implements TrainingOutcome {}

    /// It was asked to stop; a checkpoint says where.
    record Interrupted() implements TrainingOutcome {}
}
