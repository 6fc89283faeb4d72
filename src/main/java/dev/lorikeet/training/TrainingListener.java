package dev.lorikeet.training;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Hears how training goes. Called on the trainer thread, between steps: an implementation returns soon.
public interface TrainingListener {

    /// Before the first step. @param resumedFrom 0, or the step of the checkpoint from which training goes on
    default void started(Plan plan, int resumedFrom) {}

    /// After every optimizer step.
    default void step(StepReport report) {}

    default void evaluated(EvaluationReport report) {}

    /// @param folder complete and durable
    default void saved(int step, Path folder) {}

    default void warning(String message) {}

    /// What there is to do. @param trainedParameters numbers that are learned @param estimatedBytes native memory beside the base
    record Plan(int totalSteps, int stepsPerEpoch, int warmupSteps, long trainedParameters, long estimatedBytes) {}

    /// One optimizer step. @param step from 1 @param loss mean over the learned tokens of the step @param gradNorm before clipping
    /// @param learnedTokens of this step @param tokens of this step, learned or not @param secondsLeft estimate for the rest
    /// @param nativeBytes resident memory of the process @param metrics what the method has to say beside it, by TRL's names
    record StepReport(int step, int totalSteps, double epoch, double loss, double learningRate, double gradNorm, long learnedTokens, long tokens,
                      double tokensPerSecond, double secondsLeft, long nativeBytes, Map<String, Double> metrics) {}

    /// Over the whole validation set. @param loss mean over all learned tokens, or over all pairs @param metrics beside it, by TRL's names
    record EvaluationReport(int step, double epoch, double loss, Map<String, Double> metrics, long learnedTokens, double seconds) {}

    /// Passes everything on to each of these, in order.
    static TrainingListener all(List<TrainingListener> listeners) {
        return new TrainingListener() {
            @Override
            public void started(Plan plan, int resumedFrom) {
                listeners.forEach(listener -> listener.started(plan, resumedFrom));
            }

            @Override
            public void step(StepReport report) {
                listeners.forEach(listener -> listener.step(report));
            }

            @Override
            public void evaluated(EvaluationReport report) {
                listeners.forEach(listener -> listener.evaluated(report));
            }

            @Override
            public void saved(int step, Path folder) {
                listeners.forEach(listener -> listener.saved(step, folder));
            }

            @Override
            public void warning(String message) {
                listeners.forEach(listener -> listener.warning(message));
            }
        };
    }
}
