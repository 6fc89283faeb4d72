package dev.lorikeet.job;

import dev.lorikeet.training.TrainingControl;
import dev.lorikeet.training.TrainingListener;
import dev.lorikeet.training.tensorboard.EventFile;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// Between the trainer and the job: hands on what the one tells and what the other wants, and draws the curves for TensorBoard.
final class TrainerTalk implements TrainingListener, TrainingControl, AutoCloseable {
    private final RunMonitor monitor;
    private final Optional<Path> curves;
    private Optional<EventFile> file = Optional.empty();

    /// @param curves the folder for TensorBoard's files, if they are wanted
    TrainerTalk(RunMonitor monitor, Optional<Path> curves) {
        this.monitor = monitor;
        this.curves = curves;
    }

    @Override
    public Wish wish() {
        return switch (monitor.wish()) {
            case GO_ON -> Wish.GO_ON;
            case PAUSE -> Wish.PAUSE;
            case CANCEL -> Wish.CANCEL;
        };
    }

    @Override
    public void started(Plan plan, int resumedFrom) {
        file = curves.map(folder -> EventFile.create(folder, resumedFrom > 0 ? OptionalLong.of(resumedFrom + 1L) : OptionalLong.empty(), Clock.systemUTC()));
        monitor.started(plan.totalSteps(), resumedFrom);
    }

    @Override
    public void step(StepReport report) {
        curve(report.step(), Map.of("train/loss", report.loss(), "train/learning_rate", report.learningRate(), "train/grad_norm", report.gradNorm(),
                "train/epoch", report.epoch()));
        monitor.step(new RunMonitor.Step(report.step(), report.totalSteps(), report.epoch(), report.loss(), OptionalDouble.empty(), report.learningRate(),
                report.gradNorm(), report.tokensPerSecond(), report.secondsLeft()));
    }

    @Override
    public void evaluated(EvaluationReport report) {
        curve(report.step(), Map.of("eval/loss", report.loss(), "eval/perplexity", report.perplexity(), "eval/mean_token_accuracy", report.accuracy()));
        var metrics = new LinkedHashMap<String, Double>();
        metrics.put("valid_loss", report.loss());
        metrics.put("valid_mean_token_accuracy", report.accuracy());
        metrics.put("full_valid_loss", report.loss());
        metrics.put("full_valid_mean_token_accuracy", report.accuracy());
        metrics.put("perplexity", report.perplexity());
        monitor.evaluated(new RunMonitor.Evaluation(report.step(), metrics));
    }

    private void curve(int step, Map<String, Double> values) {
        file.ifPresent(open -> open.scalars(step, values));
    }

    @Override
    public void saved(int step, Path folder) {
        monitor.checkpoint(step, folder);
    }

    @Override
    public void warning(String message) {
        monitor.warning(message);
    }

    @Override
    public void close() {
        file.ifPresent(EventFile::close);
    }
}
