package dev.lorikeet.training;

import dev.lorikeet.tensor.Script;
import dev.lorikeet.training.TrainingListener.EvaluationReport;
import dev.lorikeet.training.TrainingRun.Job;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What is learned with all that learns it: the program, the values, the passes and the optimizer. Owns them.
final class Learner implements AutoCloseable {
    private final Job job;
    private final Script script;
    private final TrainedState state;
    private final Passes passes;
    private final Updates updates;

    Learner(Job job, TrainedSelection selection, Script script, Map<TrainedTensor, float[]> values) {
        this.job = job;
        this.script = script;
        this.state = new TrainedState(job.base(), selection, script, values);
        this.passes = new Passes(job.base(), script, state, job.options().batching().gradientCheckpointing(), job.hooks().gate());
        this.updates = new Updates(job.options().optimization(), script, state, job.base().plan().device());
    }

    /// @return sum of the losses of this micro-batch's learned tokens
    double learn(MicroBatch batch, double factor, long noise, int step) throws InterruptedException {
        double loss = passes.learn(batch, factor, noise);
        if (!Double.isFinite(loss)) {
            throw TrainingFailure.notFinite(step, "the loss is " + loss, List.of(batch));
        }
        return loss;
    }

    double norm(double lossScale) {
        return updates.norm(lossScale);
    }

    void update(int step, double rate, double norm) {
        updates.apply(step, rate, norm);
    }

    void forget() {
        updates.clear();
    }

    EvaluationReport evaluate(List<MicroBatch> batches, int step, double epoch) throws InterruptedException {
        long began = System.nanoTime();
        double loss = 0;
        long correct = 0;
        long tokens = 0;
        for (var batch : batches) {
            var score = passes.evaluate(batch);
            loss += score.loss();
            correct += score.correct();
            tokens += batch.learnedTokens();
        }
        double mean = loss / Math.max(1, tokens);
        return new EvaluationReport(step, epoch, mean, Math.exp(mean), (double) correct / Math.max(1, tokens), tokens, (System.nanoTime() - began) / 1e9);
    }

    Map<TrainedTensor, float[]> snapshot() {
        return state.snapshot();
    }

    Map<TrainedTensor, float[]> read(Path folder) {
        return new InitialValues(job.base(), script, job.options().lora()).read(folder, state.tensors());
    }

    Updates updates() {
        return updates;
    }

    @Override
    public void close() {
        updates.close();
        passes.close();
        state.close();
        script.close();
    }
}
