package dev.lorikeet.training;

import dev.lorikeet.training.TrainingOptions.Strategy;
import dev.lorikeet.training.TrainingRun.Job;
import dev.lorikeet.training.data.TrainingExample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What a training will do in which step, and what memory it takes: worked out before anything is computed.
record TrainingPlan(Job job, TrainingOrder order, LearningRate rate, int totalSteps, long parameters) {
    private static final long MIB = 1 << 20;

    static TrainingPlan of(Job job, TrainedSelection selection) {
        var options = job.options();
        var learned = job.data().train().stream().filter(TrainingExample::teaches).toList();
        var order = new TrainingOrder(learned, options.batching(), options.seed());
        int total = options.schedule().maxSteps().orElse((int) Math.ceil(options.schedule().epochs() * order.stepsPerEpoch()));
        return new TrainingPlan(job, order, LearningRate.of(options.schedule(), options.optimization().learningRate(), total), total,
                selection.tensors().stream().mapToLong(TrainedTensor::elements).sum());
    }

    int stepsPerEpoch() {
        return order.stepsPerEpoch();
    }

    int loggingSteps() {
        return interval(job.options().saving().loggingSteps());
    }

    int evalSteps() {
        return interval(job.options().evaluation().steps());
    }

    int saveSteps() {
        return interval(job.options().saving().steps());
    }

    private int interval(double steps) {
        return steps < 1 ? (int) Math.ceil(steps * totalSteps) : (int) steps;
    }

    /// @param step that has just been done, from 1
    boolean isDue(Strategy strategy, int interval, int step) {
        return switch (strategy) {
            case NO -> false;
            case STEPS -> step % interval == 0;
            case EPOCH -> step % stepsPerEpoch() == 0 || step == totalSteps;
        };
    }

    /// Where the random numbers of a micro-batch begin.
    long noise(int step, int index) {
        return (job.options().seed() * 1_000_003 + step) * 1_009 + index;
    }

    List<MicroBatch> evaluationBatches() {
        return forwardBatches(job.data().validation());
    }

    /// Sorted by length, so that rows of a batch are alike.
    List<MicroBatch> forwardBatches(List<? extends TrainingExample> examples) {
        var rows = examples.stream().filter(TrainingExample::teaches).sorted(Comparator.comparingInt(TrainingExample::longest)).toList();
        int size = job.options().batching().evalBatchSize();
        var batches = new ArrayList<MicroBatch>();
        for (int from = 0; from < rows.size(); from += size) {
            batches.add(new MicroBatch(rows.subList(from, Math.min(rows.size(), from + size)).stream().flatMap(row -> row.sequences().stream()).toList()));
        }
        return batches;
    }

    TrainingListener.Plan announced() {
        return new TrainingListener.Plan(totalSteps, stepsPerEpoch(), rate.warmupSteps(), parameters, estimatedBytes());
    }

    /// Native memory beside the base: what is learned, and the largest micro-batch.
    long estimatedBytes() {
        return stateBytes() + activationBytes(order.longestBatch());
    }

    private long stateBytes() {
        long perParameter = switch (job.options().optimization().optimizer()) {
            case ADAMW -> 16;
            case ADAMW_8BIT -> 10;
            case SGD -> 8;
            case ADAFACTOR -> 9;
        };
        boolean keepsStart = job.options().method() instanceof TrainingMethod.Dpo && job.folder().startAdapter().isPresent();
        return parameters * (perParameter + (keepsStart ? Float.BYTES : 0));
    }

    /// The layers' inputs, one layer's graph (all layers' without gradient checkpointing), and one piece of the logits.
    long activationBytes(long tokens) {
        var config = job.base().plan().config();
        var attention = config.attention();
        long bytes = job.base().plan().type().bytes();
        long hidden = config.hiddenSize();
        long heads = (attention.numHeads() * 3L + attention.numKeyValueHeads() * 2L) * attention.headDim();
        long graph = tokens * (hidden * 4 * 10 + heads * bytes * 3 + config.intermediateSize() * bytes * 6);
        long graphs = job.options().batching().gradientCheckpointing() ? 1 : config.numHiddenLayers();
        long logits = 4L * 4 * TrainingProgram.lossRows(config.vocabSize()) * config.vocabSize();
        return tokens * hidden * bytes * (config.numHiddenLayers() + 2L) + graph * graphs + logits;
    }

    /// @param step from which this training goes on @throws TrainingFailure if there is no room for it
    void requireMemory(int step) {
        long free = job.base().plan().device().availableBytes();
        if (estimatedBytes() > free) {
            throw TrainingFailure.outOfMemory(step, "`per_device_train_batch_size` is " + job.options().batching().batchSize()
                    + ", so that training would take about " + estimatedBytes() / MIB + " MiB, but only " + free / MIB + " MiB are free", null);
        }
    }

    /// @throws TrainingFailure if memory has become short since the start: rather this than that the system ends the server
    void requireMemoryFor(int step, MicroBatch batch) {
        long free = job.base().plan().device().availableBytes();
        long needed = activationBytes(batch.tokens());
        if (needed > free) {
            throw TrainingFailure.outOfMemory(step, "out of memory: the next " + batch.tokens() + " tokens take about " + needed / MIB + " MiB, but only " + free / MIB
                    + " MiB are free", null);
        }
    }
}
