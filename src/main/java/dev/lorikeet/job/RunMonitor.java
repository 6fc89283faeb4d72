package dev.lorikeet.job;

import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalDouble;

/// Hears from a training, and says whether it shall go on. Called on the trainer thread.
public interface RunMonitor {
    /// Polled often: when true, the training writes a checkpoint and returns [TrainingOutcome.Interrupted].
    boolean shallStop();

    /// Polled where [#shallStop()] is true: whether the training is given up, so that no checkpoint is wanted.
    boolean isGivenUp();

    void step(Step step);

    void evaluated(Evaluation evaluation);

    /// @param folder which is complete
    void checkpoint(int step, Path folder);

    /// A checkpoint has been deleted to make room.
    void removed(Path folder);

    void warning(String message);

    /// A step of the optimizer. @param number from 1 @param loss mean over the learned tokens @param accuracy of the learned tokens
    /// @param secondsLeft until the end, as it looks
    record Step(int number, int total, double epoch, double loss, OptionalDouble accuracy, double learningRate, double gradientNorm,
                double tokensPerSecond, double secondsLeft) {}

    /// A pass over the held-out rows. @param metrics by OpenAI's names, and `perplexity`
    record Evaluation(int step, int total, Map<String, Double> metrics) {}
}
