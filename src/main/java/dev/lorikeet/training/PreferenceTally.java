package dev.lorikeet.training;

import java.util.LinkedHashMap;
import java.util.Map;

/// Adds up what pairs show, under the names of TRL's `DPOTrainer`.
final class PreferenceTally {
    private final Map<String, Double> sums = new LinkedHashMap<>();
    private int pairs;
    private long chosenTokens;
    private long correctTokens;

    /// The log-probabilities of both answers. @param ratio how much likelier than for the reference, as a logarithm
    record Answer(double logp, double ratio) {}

    void add(double beta, Answer chosen, Answer rejected) {
        pairs++;
        sum("rewards/chosen", beta * chosen.ratio());
        sum("rewards/rejected", beta * rejected.ratio());
        sum("rewards/accuracies", chosen.ratio() > rejected.ratio() ? 1 : 0);
        sum("rewards/margins", beta * (chosen.ratio() - rejected.ratio()));
        sum("logps/chosen", chosen.logp());
        sum("logps/rejected", rejected.logp());
    }

    /// Of a chosen answer. @param correct tokens that are the likeliest
    void addTokens(long tokens, long correct) {
        chosenTokens += tokens;
        correctTokens += correct;
    }

    private void sum(String name, double value) {
        sums.merge(name, value, Double::sum);
    }

    /// Means over all pairs.
    Map<String, Double> means() {
        var means = new LinkedHashMap<String, Double>();
        sums.forEach((name, sum) -> means.put(name, sum / pairs));
        means.put("mean_token_accuracy", (double) correctTokens / Math.max(1, chosenTokens));
        return means;
    }
}
