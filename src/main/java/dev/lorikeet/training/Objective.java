package dev.lorikeet.training;

import dev.lorikeet.training.TrainingControl.Wish;
import java.util.List;
import java.util.Map;

/// What is minimised, and how well that is reached on held-out rows. Trainer thread only.
sealed interface Objective extends AutoCloseable permits LikelihoodObjective, PreferenceObjective {

    /// What is to be done before the first step. Ends early when something else than going on is wished.
    ///
    /// @param batches all rows that will be seen
    default void prepare(List<MicroBatch> batches, TrainingControl control) throws InterruptedException {}

    /// Adds the gradients of this micro-batch. @param noise where dropout's and NEFTune's random numbers begin
    ///
    /// @return its share of the step's loss
    double learn(MicroBatch batch, StepBatches step, long noise) throws InterruptedException;

    /// What there is to say of the step beside its loss, by TRL's names; said once.
    Map<String, Double> stepMetrics();

    /// @param metrics beside the loss, by TRL's names
    record Judgement(double loss, Map<String, Double> metrics) {}

    /// Forward only, without dropout and noise.
    Judgement evaluate(StepBatches held) throws InterruptedException;

    @Override
    default void close() {}

    /// Whether work that takes long goes on.
    static boolean goesOn(TrainingControl control) {
        return control.wish() == Wish.GO_ON;
    }
}
