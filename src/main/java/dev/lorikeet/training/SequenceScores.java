package dev.lorikeet.training;

import java.util.Arrays;

/// How likely the learned tokens of a micro-batch are. @param losses negative log-likelihoods, sequence after sequence
/// @param hits 1 where the token is the likeliest one @param bounds where each sequence begins in these, and the end
record SequenceScores(double[] losses, double[] hits, int[] bounds) {

    static SequenceScores of(MicroBatch batch, double[] losses, double[] hits) {
        int[] bounds = new int[batch.examples().size() + 1];
        for (int i = 0; i < batch.examples().size(); i++) {
            bounds[i + 1] = bounds[i] + batch.examples().get(i).learnedTokens();
        }
        return new SequenceScores(losses, hits, bounds);
    }

    double logp(int sequence) {
        return -Arrays.stream(losses, bounds[sequence], bounds[sequence + 1]).sum();
    }

    long correct(int sequence) {
        return Math.round(Arrays.stream(hits, bounds[sequence], bounds[sequence + 1]).sum());
    }
}
