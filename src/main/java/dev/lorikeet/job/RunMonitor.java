package dev.lorikeet.job;

import java.nio.file.Path;
import java.util.Map;

/// Hears from a training, and says whether it shall go on. Called on the trainer thread.
public interface RunMonitor {
    /// What is wanted of the training.
    enum Wish {
        GO_ON,
        /// Write a checkpoint and return [TrainingOutcome.Interrupted].
        PAUSE,
        /// Return [TrainingOutcome.Interrupted] at once; no checkpoint is wanted.
        CANCEL
    }

    /// Polled often.
    Wish wish();

    /// @param resumedFrom the step of the checkpoint from which training goes on, 0 if it begins
    void started(int totalSteps, int resumedFrom);

    void step(Step step);

    void evaluated(Evaluation evaluation);

    /// @param folder of the checkpoint, which is complete and lies in the output folder
    void checkpoint(int step, Path folder);

    void warning(String message);

    /// A step of the optimizer. @param number from 1 @param loss mean over the learned tokens, or over the pairs @param metrics beside it, by OpenAI's
    /// names, or else by TRL's @param secondsLeft until the end, as it looks
    record Step(int number, int total, double epoch, double loss, Map<String, Double> metrics, double learningRate, double gradientNorm,
                double tokensPerSecond, double secondsLeft) {}

    /// A pass over the held-out rows. @param metrics by OpenAI's names, or else by TRL's, and `perplexity`
    record Evaluation(int step, Map<String, Double> metrics) {}
}
