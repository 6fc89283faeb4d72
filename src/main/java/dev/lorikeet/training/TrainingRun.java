package dev.lorikeet.training;

import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.tensor.NativeHeap;
import dev.lorikeet.tensor.OutOfNativeMemoryException;
import dev.lorikeet.tensor.Script;
import dev.lorikeet.training.TrainingControl.Wish;
import dev.lorikeet.training.TrainingListener.EvaluationReport;
import dev.lorikeet.training.TrainingListener.StepReport;
import dev.lorikeet.training.TrainingOptions.Strategy;
import dev.lorikeet.training.TrainingResult.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// One run of a training from its start or a checkpoint to its end, a pause or a cancellation. Owns everything native of it.
final class TrainingRun implements AutoCloseable {
    private final Job job;
    private final TrainingPlan plan;
    private final Learner learner;
    private final TrainingFiles files;
    private final Progress progress;
    private final Clock clock = new Clock();
    private Optional<EvaluationReport> lastEvaluation = Optional.empty();

    /// What is to be done.
    record Job(LoadedModel base, TrainingOptions options, TrainingData data, TrainingFolder folder, TrainingHooks hooks) {}

    private TrainingRun(Job job, TrainingPlan plan, Learner learner, TrainingFiles files, Progress progress) {
        this.job = job;
        this.plan = plan;
        this.learner = learner;
        this.files = files;
        this.progress = progress;
    }

    static TrainingRun open(Job job, Checkpoints checkpoints, Optional<Path> resume) {
        var selection = new TrainedSelection(job.base(), job.options().lora());
        var plan = TrainingPlan.of(job, selection);
        plan.requireMemory(resume.map(Checkpoints::step).orElse(0) + 1);
        Script script = TrainingProgram.compile(job.base(), job.options(), selection);
        Learner learner = null;
        try {
            var initial = new InitialValues(job.base(), script, job.options().lora());
            var start = resume.or(() -> job.folder().startAdapter());
            var values = start.map(folder -> initial.read(folder, selection.tensors()))
                    .orElseGet(() -> initial.drawn(selection.tensors(), job.options().seed()));
            learner = new Learner(job, selection, script, values);
            var files = new TrainingFiles(job, plan, checkpoints, selection);
            var progress = new Progress();
            if (resume.isPresent()) {
                progress = files.resume(resume.get(), learner);
            }
            job.hooks().listener().started(plan.announced(), progress.step());
            return new TrainingRun(job, plan, learner, files, progress);
        } catch (RuntimeException | Error e) {
            if (learner == null) {
                script.close();
            } else {
                learner.close();
            }
            throw e;
        }
    }

    TrainingResult train() throws InterruptedException {
        try {
            return steps();
        } catch (OutOfNativeMemoryException e) {
            throw TrainingFailure.outOfMemory(progress.step() + 1, e.getMessage(), e);
        }
    }

    private TrainingResult steps() throws InterruptedException {
        var rows = Stream.concat(job.data().train().stream(), job.data().validation().stream()).toList();
        learner.prepare(plan.forwardBatches(rows));
        while (progress.step() < plan.totalSteps() && !progress.stoppedEarly()) {
            var wish = step();
            if (wish != Wish.GO_ON) {
                if (wish == Wish.PAUSE && progress.step() > 0) {
                    save();
                }
                return result(wish == Wish.PAUSE ? Status.PAUSED : Status.CANCELLED, Optional.empty());
            }
        }
        return finish();
    }

    /// One optimizer step and what is due after it.
    private Wish step() throws InterruptedException {
        int step = progress.step();
        var batches = plan.order().step(step);
        var whole = new StepBatches(batches, scalesLoss() ? progress.lossScale() : 1);
        double sum = 0;
        clock.start();
        for (int i = 0; i < batches.size(); i++) {
            var wish = job.hooks().control().wish();
            if (wish != Wish.GO_ON) {
                learner.forget();
                return wish;
            }
            plan.requireMemoryFor(step + 1, batches.get(i));
            sum += learner.learn(batches.get(i), whole, plan.noise(step, i), step + 1);
        }
        double norm = learner.norm(whole.lossScale());
        double rate = plan.rate().at(step);
        update(step, rate, norm, batches);
        var metrics = learner.stepMetrics();
        progress.stepped(sum, metrics, whole.learnedTokens(), whole.tokens());
        clock.stop();
        report(new Done(sum, rate, norm, metrics), whole);
        afterStep(rate, norm);
        return Wish.GO_ON;
    }

    private boolean scalesLoss() {
        return TrainingProgram.needsLossScale(job.base(), job.options().precision());
    }

    private void update(int step, double rate, double norm, List<MicroBatch> batches) {
        boolean finite = Double.isFinite(norm);
        if (scalesLoss()) {
            progress.scaled(!finite);
            if (!finite && progress.lossScale() < 1) {
                throw TrainingFailure.notFinite(step + 1, "the gradients are " + norm + ", although the loss is not scaled up any more", batches);
            }
            if (!finite) {
                learner.forget();
                job.hooks().listener().warning("step " + (step + 1) + ": gradients overflowed float16; the step is skipped and the loss scale is now "
                        + progress.lossScale());
                return;
            }
        }
        if (!finite) {
            throw TrainingFailure.notFinite(step + 1, "the gradients are " + norm, batches);
        }
        learner.update(step + 1, rate, norm);
    }

    /// What a step has come to.
    private record Done(double loss, double rate, double norm, Map<String, Double> metrics) {}

    private void report(Done done, StepBatches whole) {
        double left = clock.meanSeconds() * (plan.totalSteps() - progress.step());
        job.hooks().listener().step(new StepReport(progress.step(), plan.totalSteps(), epoch(), done.loss(), done.rate(), done.norm(),
                whole.learnedTokens(), whole.tokens(), whole.tokens() / clock.lastSeconds(), left, NativeHeap.residentBytes(), done.metrics()));
    }

    private double epoch() {
        return (double) progress.step() / plan.stepsPerEpoch();
    }

    /// In the order of transformers: log, evaluate, save.
    private void afterStep(double rate, double norm) throws InterruptedException {
        if (plan.isDue(Strategy.STEPS, plan.loggingSteps(), progress.step())) {
            progress.log(epoch(), rate, norm);
        }
        var options = job.options();
        if (!job.data().validation().isEmpty() && plan.isDue(options.evaluation().strategy(), plan.evalSteps(), progress.step())) {
            evaluate();
            progress.judged(lastEvaluation.orElseThrow().loss(), options.evaluation());
        }
        boolean last = progress.step() == plan.totalSteps() || progress.stoppedEarly();
        if (plan.isDue(options.saving().strategy(), plan.saveSteps(), progress.step()) || last && options.saving().strategy() != Strategy.NO) {
            save();
        }
    }

    private void evaluate() throws InterruptedException {
        var report = learner.evaluate(plan.evaluationBatches(), progress.step(), epoch());
        lastEvaluation = Optional.of(report);
        progress.log(report);
        job.hooks().listener().evaluated(report);
    }

    private void save() {
        boolean keepBest = job.options().evaluation().loadBestModelAtEnd() && progress.bestLoss().isPresent();
        var folder = files.save(progress, learner, keepBest ? OptionalInt.of(progress.bestStep()) : OptionalInt.empty());
        job.hooks().listener().saved(progress.step(), folder);
    }

    private TrainingResult finish() throws InterruptedException {
        var values = files.best(progress).map(learner::read).orElseGet(learner::snapshot);
        if (lastEvaluation.isEmpty() && !job.data().validation().isEmpty()) {
            evaluate();
        }
        try {
            files.finish(progress, values);
        } catch (IOException e) {
            throw TrainingFailure.storage(progress.step(), e);
        }
        return result(Status.COMPLETED, Optional.of(job.folder().output()));
    }

    private TrainingResult result(Status status, Optional<Path> adapter) {
        return new TrainingResult(status, progress.step(), progress.meanLoss(), progress.trainedTokens(), lastEvaluation, files.best(progress), adapter);
    }

    @Override
    public void close() {
        learner.close();
    }
}
