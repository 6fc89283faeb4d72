package dev.lorikeet.training;

import java.util.List;

/// The micro-batches that are one step of the optimizer, or one evaluation. @param lossScale what gradients are multiplied with, 1 but in float16
record StepBatches(List<MicroBatch> batches, double lossScale) {

    long learnedTokens() {
        return batches.stream().mapToLong(MicroBatch::learnedTokens).sum();
    }

    long tokens() {
        return batches.stream().mapToLong(MicroBatch::tokens).sum();
    }

    /// Where the rows are pairs.
    int pairs() {
        return batches.stream().mapToInt(batch -> batch.pairs().size()).sum();
    }

    long chosenTokens() {
        return batches.stream().flatMap(batch -> batch.pairs().stream()).mapToLong(pair -> pair.chosen().learnedTokens()).sum();
    }

    double perLearnedToken() {
        return 1.0 / Math.max(1, learnedTokens());
    }
}
