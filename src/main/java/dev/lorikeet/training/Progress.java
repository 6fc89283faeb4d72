package dev.lorikeet.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.JsonFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// How far a training has come: what `trainer_state.json` holds. Trainer thread only.
final class Progress {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double INITIAL_LOSS_SCALE = 65536;
    private static final int SCALE_GROWTH_STEPS = 2000;

    private final ArrayNode history = JSON.createArrayNode();
    private int step;
    private double lossSum;
    private long trainedTokens;
    private long seenTokens;
    private double loggedLoss;
    private int loggedSteps;
    private final Map<String, Double> loggedMetrics = new LinkedHashMap<>();
    private Optional<Double> bestLoss = Optional.empty();
    private int bestStep;
    private int withoutImprovement;
    private boolean stoppedEarly;
    private double lossScale = INITIAL_LOSS_SCALE;
    private int stepsAtScale;

    int step() {
        return step;
    }

    double meanLoss() {
        return step == 0 ? 0 : lossSum / step;
    }

    long trainedTokens() {
        return trainedTokens;
    }

    Optional<Double> bestLoss() {
        return bestLoss;
    }

    int bestStep() {
        return bestStep;
    }

    boolean stoppedEarly() {
        return stoppedEarly;
    }

    double lossScale() {
        return lossScale;
    }

    void stepped(double loss, Map<String, Double> metrics, long learned, long tokens) {
        step++;
        lossSum += loss;
        trainedTokens += learned;
        seenTokens += tokens;
        loggedLoss += loss;
        loggedSteps++;
        metrics.forEach((name, value) -> loggedMetrics.merge(name, value, Double::sum));
    }

    /// As torch's GradScaler: half after an overflow, double after 2000 steps without one.
    void scaled(boolean overflow) {
        stepsAtScale = overflow ? 0 : stepsAtScale + 1;
        if (overflow) {
            lossScale /= 2;
        } else if (stepsAtScale == SCALE_GROWTH_STEPS) {
            lossScale *= 2;
            stepsAtScale = 0;
        }
    }

    void log(double epoch, double rate, double gradNorm) {
        var line = history.addObject().put("epoch", epoch).put("grad_norm", gradNorm).put("learning_rate", rate)
                .put("loss", loggedLoss / Math.max(1, loggedSteps));
        loggedMetrics.forEach((name, sum) -> line.put(name, sum / loggedSteps));
        line.put("step", step);
        loggedLoss = 0;
        loggedSteps = 0;
        loggedMetrics.clear();
    }

    void log(TrainingListener.EvaluationReport report) {
        var line = history.addObject().put("epoch", report.epoch()).put("eval_loss", report.loss());
        report.metrics().forEach((name, value) -> line.put("eval_" + name, value));
        line.put("eval_runtime", report.seconds()).put("step", report.step());
    }

    /// As transformers' EarlyStoppingCallback.
    void judged(double loss, TrainingOptions.Evaluation options) {
        boolean better = bestLoss.isEmpty() || loss < bestLoss.get();
        boolean clearly = bestLoss.isEmpty() || better && bestLoss.get() - loss > options.threshold();
        withoutImprovement = clearly ? 0 : withoutImprovement + 1;
        if (better) {
            bestLoss = Optional.of(loss);
            bestStep = step;
        }
        stoppedEarly |= options.patience().isPresent() && withoutImprovement >= options.patience().getAsInt();
    }

    /// @param plan what is written beside it, in transformers' fields
    ObjectNode toJson(Fields plan, Path output) {
        ObjectNode root = JSON.createObjectNode();
        root.put("best_global_step", bestLoss.isPresent() ? Integer.valueOf(bestStep) : null).put("best_metric", bestLoss.orElse(null))
                .put("best_model_checkpoint", bestLoss.isPresent() ? output.resolve(Checkpoints.name(bestStep)).toString() : null);
        root.put("epoch", (double) step / plan.stepsPerEpoch()).put("eval_steps", plan.evalSteps()).put("global_step", step)
                .put("is_hyper_param_search", false).put("is_local_process_zero", true).put("is_world_process_zero", true);
        root.set("log_history", history);
        root.put("logging_steps", plan.loggingSteps()).put("max_steps", plan.totalSteps()).put("num_input_tokens_seen", seenTokens)
                .put("num_train_epochs", Math.ceilDiv(plan.totalSteps(), plan.stepsPerEpoch())).put("save_steps", plan.saveSteps());
        root.putObject("stateful_callbacks").putObject("EarlyStoppingCallback").putObject("attributes")
                .put("early_stopping_patience_counter", withoutImprovement);
        root.put("total_flos", 0).put("train_batch_size", plan.batchSize()).putNull("trial_name").putNull("trial_params");
        var own = root.putObject("lorikeet").put("loss_sum", lossSum).put("trained_tokens", trainedTokens).put("logged_loss", loggedLoss)
                .put("logged_steps", loggedSteps).put("stopped_early", stoppedEarly).put("loss_scale", lossScale).put("steps_at_scale", stepsAtScale);
        var metrics = own.putObject("logged_metrics");
        loggedMetrics.forEach(metrics::put);
        return root;
    }

    /// @param evalSteps, loggingSteps, saveSteps in whole steps
    record Fields(int totalSteps, int stepsPerEpoch, int batchSize, int loggingSteps, int evalSteps, int saveSteps) {}

    static Progress read(Path file) {
        var json = JsonFile.read(file).root();
        var progress = new Progress();
        var own = json.path("lorikeet");
        progress.step = json.path("global_step").intValue();
        progress.seenTokens = json.path("num_input_tokens_seen").longValue();
        progress.bestLoss = json.path("best_metric").isNumber() ? Optional.of(json.path("best_metric").doubleValue()) : Optional.empty();
        progress.bestStep = json.path("best_global_step").intValue();
        progress.withoutImprovement = json.at("/stateful_callbacks/EarlyStoppingCallback/attributes/early_stopping_patience_counter").intValue();
        progress.history.addAll((ArrayNode) json.withArray("/log_history"));
        progress.lossSum = own.path("loss_sum").doubleValue();
        progress.trainedTokens = own.path("trained_tokens").longValue();
        progress.loggedLoss = own.path("logged_loss").doubleValue();
        progress.loggedSteps = own.path("logged_steps").intValue();
        own.path("logged_metrics").properties().forEach(metric -> progress.loggedMetrics.put(metric.getKey(), metric.getValue().doubleValue()));
        progress.stoppedEarly = own.path("stopped_early").booleanValue();
        progress.lossScale = own.path("loss_scale").doubleValue();
        progress.stepsAtScale = own.path("steps_at_scale").intValue();
        return progress;
    }
}
