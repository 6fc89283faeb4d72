package dev.lorikeet.job;

import dev.lorikeet.training.TrainingControl;
import dev.lorikeet.training.TrainingListener;
import dev.lorikeet.training.tensorboard.EventFile;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Between the trainer and the job: hands on what the one tells and what the other wants, and draws the curves for TensorBoard.
final class TrainerTalk implements TrainingListener, TrainingControl, AutoCloseable {
    /// The one metric that OpenAI's names have, too.
    private static final String ACCURACY = "mean_token_accuracy";

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
        var values = new LinkedHashMap<>(Map.of("train/loss", report.loss(), "train/learning_rate", report.learningRate(), "train/grad_norm", report.gradNorm(),
                "train/epoch", report.epoch()));
        var metrics = new LinkedHashMap<String, Double>();
        report.metrics().forEach((name, value) -> {
            values.put("train/" + name, value);
            metrics.put(name.equals(ACCURACY) ? "train_" + name : name, value);
        });
        curve(report.step(), values);
        monitor.step(new RunMonitor.Step(report.step(), report.totalSteps(), report.epoch(), report.loss(), metrics, report.learningRate(),
                report.gradNorm(), report.tokensPerSecond(), report.secondsLeft()));
    }

    @Override
    public void evaluated(EvaluationReport report) {
        var values = new LinkedHashMap<>(Map.of("eval/loss", report.loss()));
        var metrics = new LinkedHashMap<>(Map.of("valid_loss", report.loss(), "full_valid_loss", report.loss()));
        report.metrics().forEach((name, value) -> {
            values.put("eval/" + name, value);
            switch (name) {
                case ACCURACY -> metrics.putAll(Map.of("valid_" + name, value, "full_valid_" + name, value));
                case "perplexity" -> metrics.put(name, value);
                default -> metrics.put("eval_" + name, value);
            }
        });
        curve(report.step(), values);
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
