package dev.lorikeet.training;

import dev.lorikeet.training.TrainingListener.EvaluationReport;
import java.nio.file.Path;
import java.util.Optional;

/// How a training ended. @param adapter folder of the finished adapter; empty unless `COMPLETED`
/// @param step last step that was done @param trainLoss mean over all steps @param trainedTokens learned tokens times passes, resumed runs included
/// @param bestCheckpoint the one with the lowest validation loss, if there was evaluation
public record TrainingResult(Status status, int step, double trainLoss, long trainedTokens, Optional<EvaluationReport> lastEvaluation,
                             Optional<Path> bestCheckpoint, Optional<Path> adapter) {
    /// `COMPLETED` includes early stopping.
    public enum Status {
        COMPLETED, PAUSED, CANCELLED
    }
}
