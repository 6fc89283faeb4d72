package dev.lorikeet.training;

import java.util.LinkedHashMap;
import java.util.Map;

/// The mean negative log-likelihood of the learned tokens.
record LikelihoodObjective(Passes passes) implements Objective {

    @Override
    public double learn(MicroBatch batch, StepBatches step, long noise) throws InterruptedException {
        return passes.learn(batch, noise, top -> top.likelihood(step.lossScale() * step.perLearnedToken())) * step.perLearnedToken();
    }

    @Override
    public Map<String, Double> stepMetrics() {
        return Map.of();
    }

    @Override
    public Judgement evaluate(StepBatches held) throws InterruptedException {
        double loss = 0;
        long correct = 0;
        for (var batch : held.batches()) {
            var score = passes.evaluate(batch);
            loss += score.loss();
            correct += score.correct();
        }
        double mean = loss * held.perLearnedToken();
        var metrics = new LinkedHashMap<String, Double>();
        metrics.put("mean_token_accuracy", correct * held.perLearnedToken());
        metrics.put("perplexity", Math.exp(mean));
        return new Judgement(mean, metrics);
    }
}
