package dev.lorikeet.training;

import dev.lorikeet.training.PreferenceTally.Answer;
import dev.lorikeet.training.TrainingMethod.Dpo;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The mean loss of pairs, and with `rpo_alpha` the mean negative log-likelihood of the chosen answers' tokens beside it.
final class PreferenceObjective implements Objective {
    private final Passes passes;
    private final Dpo dpo;
    private final Optional<Reference> reference;
    private PreferenceTally tally = new PreferenceTally();

    /// @param reference empty: it finds all answers equally likely
    PreferenceObjective(Passes passes, Dpo dpo, Optional<Reference> reference) {
        this.passes = passes;
        this.dpo = dpo;
        this.reference = reference;
    }

    @Override
    public void prepare(List<MicroBatch> batches, TrainingControl control) throws InterruptedException {
        if (dpo.precompute()) {
            reference.orElseThrow().precompute(batches, control);
        }
    }

    @Override
    public double learn(MicroBatch batch, StepBatches step, long noise) throws InterruptedException {
        double[] expected = expected(batch);
        return passes.learn(batch, noise, top -> {
            var scores = top.scores();
            var weights = new float[scores.losses().length];
            double loss = judge(new Judged(batch, scores, expected, weights), step, tally);
            return new Passes.Loss(loss, top.gradient(weights));
        });
    }

    private double[] expected(MicroBatch batch) throws InterruptedException {
        return reference.isPresent() ? reference.get().logps(batch) : new double[batch.examples().size()];
    }

    /// @param expected the reference's log-probabilities @param weights receives the factor of each token's loss in the gradient
    private record Judged(MicroBatch batch, SequenceScores scores, double[] expected, float[] weights) {}

    /// @return the share of the step's loss
    private double judge(Judged judged, StepBatches step, PreferenceTally tally) {
        double perPair = 1.0 / step.pairs();
        double perToken = dpo.rpoAlpha() / step.chosenTokens();
        double loss = 0;
        var pairs = judged.batch().pairs();
        for (int i = 0; i < pairs.size(); i++) {
            int chosen = 2 * i;
            int rejected = chosen + 1;
            var first = answer(judged, chosen);
            var second = answer(judged, rejected);
            var value = dpo.loss().of(pairs.get(i), first.ratio(), second.ratio());
            loss += value.loss() * perPair - first.logp() * perToken;
            // Of negative log-likelihoods, hence the sign.
            weigh(judged, chosen, step.lossScale() * (perToken - value.chosenSlope() * perPair));
            weigh(judged, rejected, step.lossScale() * -value.rejectedSlope() * perPair);
            tally.add(dpo.loss().beta(), first, second);
            tally.addTokens(pairs.get(i).chosen().learnedTokens(), judged.scores().correct(chosen));
        }
        return loss;
    }

    private static Answer answer(Judged judged, int sequence) {
        double logp = judged.scores().logp(sequence);
        return new Answer(logp, logp - judged.expected()[sequence]);
    }

    private static void weigh(Judged judged, int sequence, double weight) {
        Arrays.fill(judged.weights(), judged.scores().bounds()[sequence], judged.scores().bounds()[sequence + 1], (float) weight);
    }

    @Override
    public Map<String, Double> stepMetrics() {
        var means = tally.means();
        tally = new PreferenceTally();
        return means;
    }

    @Override
    public Judgement evaluate(StepBatches held) throws InterruptedException {
        var own = new PreferenceTally();
        double loss = 0;
        for (var batch : held.batches()) {
            double[] expected = expected(batch);
            var scores = passes.scores(batch);
            loss += judge(new Judged(batch, scores, expected, new float[scores.losses().length]), held, own);
        }
        return new Judgement(loss, own.means());
    }

    @Override
    public void close() {
        reference.ifPresent(Reference::close);
    }
}
