package dev.lorikeet.training;

import dev.lorikeet.tensor.Script;
import dev.lorikeet.training.TrainingListener.EvaluationReport;
import dev.lorikeet.training.TrainingRun.Job;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is learned with all that learns it: the program, the values, the passes and the optimizer. Owns them.
final class Learner implements AutoCloseable {
    private final Job job;
    private final Script script;
    private final TrainedState state;
    private final Passes passes;
    private final Objective objective;
    private final Updates updates;

    Learner(Job job, TrainedSelection selection, Script script, Map<TrainedTensor, float[]> values) {
        this.job = job;
        this.script = script;
        this.state = new TrainedState(job.base(), selection, script, values);
        this.passes = new Passes(job.base(), script, state, job.options().batching().gradientCheckpointing(), job.hooks().gate());
        this.objective = switch (job.options().method()) {
            case TrainingMethod.Supervised _ -> new LikelihoodObjective(passes);
            case TrainingMethod.Dpo dpo -> new PreferenceObjective(passes, dpo, dpo.referenceFree() ? Optional.empty() : Optional.of(reference(selection)));
        };
        this.updates = new Updates(job.options().optimization(), script, state, job.base().plan().device());
    }

    /// A job that goes on from an adapter is compared with that adapter, whatever checkpoint it has come to.
    private Reference reference(TrainedSelection selection) {
        return new Reference(passes, job.folder().startAdapter().map(folder -> TrainedState.frozen(job.base(), selection, script, read(folder))));
    }

    void prepare(List<MicroBatch> batches) throws InterruptedException {
        objective.prepare(batches, job.hooks().control());
    }

    /// @return this micro-batch's share of the step's loss
    double learn(MicroBatch batch, StepBatches step, long noise, int number) throws InterruptedException {
        double loss = objective.learn(batch, step, noise);
        if (!Double.isFinite(loss)) {
            throw TrainingFailure.notFinite(number, "the loss is " + loss, List.of(batch));
        }
        return loss;
    }

    Map<String, Double> stepMetrics() {
        return objective.stepMetrics();
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
        var held = new StepBatches(batches, 1);
        var judged = objective.evaluate(held);
        return new EvaluationReport(step, epoch, judged.loss(), judged.metrics(), held.learnedTokens(), (System.nanoTime() - began) / 1e9);
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
        objective.close();
        passes.close();
        state.close();
        script.close();
    }
}
