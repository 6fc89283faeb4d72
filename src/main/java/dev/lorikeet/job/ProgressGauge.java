package dev.lorikeet.job;

import java.util.Map;
import java.util.Optional;

/// How far the running job is, for those who measure the server. Written by the trainer thread, read by any.
public final class ProgressGauge {
    private volatile Reading reading;

    /// @param step the last that was done @param metrics of that step, by TRL's names @param loss, learningRate, gradientNorm, tokensPerSecond 0 before the first step
    public record Reading(String job, int step, int totalSteps, double loss, double learningRate, double gradientNorm, double tokensPerSecond,
                          double secondsLeft, Map<String, Double> metrics) {}

    /// Empty while no job runs.
    public Optional<Reading> reading() {
        return Optional.ofNullable(reading);
    }

    void started(String job, int totalSteps, int step) {
        reading = new Reading(job, step, totalSteps, 0, 0, 0, 0, 0, Map.of());
    }

    void step(RunMonitor.Step step) {
        reading = new Reading(reading.job(), step.number(), step.total(), step.loss(), step.learningRate(), step.gradientNorm(), step.tokensPerSecond(),
                step.secondsLeft(), step.metrics());
    }

    void idle() {
        reading = null;
    }
}
