package dev.lorikeet.training;

import dev.lorikeet.training.data.Example;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the learner is compared with: the same base with the adapter off, or with the adapter from which training goes on. No second model
/// is in memory; a forward pass more is what it costs.
final class Reference implements AutoCloseable {
    private final Passes passes;
    private final Optional<TrainedState> startAdapter;
    private final Map<Example, Double> known = new IdentityHashMap<>();

    Reference(Passes passes, Optional<TrainedState> startAdapter) {
        this.passes = passes;
        this.startAdapter = startAdapter;
    }

    /// Computes all of them now, once, unless something else is wished meanwhile.
    void precompute(List<MicroBatch> batches, TrainingControl control) throws InterruptedException {
        for (var batch : batches) {
            if (!Objective.goesOn(control)) {
                return;
            }
            var scores = scores(batch);
            for (int i = 0; i < batch.examples().size(); i++) {
                known.put(batch.examples().get(i), scores.logp(i));
            }
        }
    }

    /// The log-probability of what is learned of each sequence.
    double[] logps(MicroBatch batch) throws InterruptedException {
        var logps = new double[batch.examples().size()];
        if (known.keySet().containsAll(batch.examples())) {
            for (int i = 0; i < logps.length; i++) {
                logps[i] = known.get(batch.examples().get(i));
            }
            return logps;
        }
        var scores = scores(batch);
        for (int i = 0; i < logps.length; i++) {
            logps[i] = scores.logp(i);
        }
        return logps;
    }

    private SequenceScores scores(MicroBatch batch) throws InterruptedException {
        return startAdapter.isPresent() ? passes.scores(batch, startAdapter.get()) : passes.scoresWithoutAdapter(batch);
    }

    @Override
    public void close() {
        startAdapter.ifPresent(TrainedState::close);
    }
}
