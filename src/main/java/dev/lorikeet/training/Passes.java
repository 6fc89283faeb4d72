package dev.lorikeet.training;

import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.tensor.Script;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.TensorOwner;
import dev.lorikeet.tensor.Torch;
import java.util.ArrayList;
import java.util.List;

/// Forward and backward over a micro-batch, layer by layer: before each layer, serving may go first. With gradient checkpointing only
/// the layers' inputs are kept and each layer is computed a second time on the way back; without, their graphs are kept.
/// What is computed of the last hidden states is the caller's choice.
final class Passes implements AutoCloseable {
    private static final int LEARNING = 1;
    private static final int EVALUATING = 0;
    /// As evaluating, with nothing of what is trained.
    private static final int WITHOUT_ADAPTER = 2;

    private final LoadedModel base;
    private final Script script;
    private final TrainedState state;
    private final boolean checkpointing;
    private final ServingGate gate;
    private final TensorOwner owner;
    private final List<Tensor> ends;
    private final List<List<Tensor>> layers = new ArrayList<>();
    private final List<Tensor> frequencies;

    Passes(LoadedModel base, Script script, TrainedState state, boolean checkpointing, ServingGate gate) {
        this.base = base;
        this.script = script;
        this.state = state;
        this.checkpointing = checkpointing;
        this.gate = gate;
        this.owner = TensorOwner.open(base.plan().device());
        this.ends = script.record(owner, "aliases", base.outerWeights());
        for (int layer = 0; layer < base.plan().config().numHiddenLayers(); layer++) {
            layers.add(script.record(owner, "aliases", base.layerWeights(layer)));
        }
        var attention = base.plan().config().attention();
        this.frequencies = attention.ropes().stream().map(rope -> owner.ofFloats(rope.inverseFrequencies(attention.headDim()))).toList();
    }

    /// A loss, and its gradient for the last hidden states.
    record Loss(double value, Tensor gradient) {}

    /// What is to be computed of the last hidden states.
    @FunctionalInterface
    interface Criterion {
        Loss of(Top top);
    }

    /// What a pass over one micro-batch takes. @param state what is trained, or was @param noise where its random numbers begin
    private record Pass(TensorOwner scope, Tensor ids, Tensor bounds, List<Tensor> tables, TrainedState state, int mode, long noise) {
        Tensor meta(int layer) {
            return scope.ofLongs(layer, mode);
        }

        /// Each layer has random numbers of its own, so that computing it twice gives the same.
        void seed(int layer) {
            Torch.seed(noise * 1_000_003 + layer);
        }
    }

    private Pass pass(TensorOwner scope, MicroBatch batch, TrainedState values, int mode, long noise) {
        var tables = script.record(scope, "rope", scope.ofLongs(batch.positions()), frequencies, ends);
        return new Pass(scope, scope.ofLongs(batch.ids()), scope.ofLongs(batch.bounds()), tables, values, mode, noise);
    }

    /// Adds the gradients of this micro-batch to the sums. @param noise where dropout's and NEFTune's random numbers begin @return its loss
    double learn(MicroBatch batch, long noise, Criterion criterion) throws InterruptedException {
        try (var scope = TensorOwner.open(base.plan().device())) {
            var pass = pass(scope, batch, state, LEARNING, noise);
            int lowest = state.lowestLearned();
            var kept = new ArrayList<List<Tensor>>();
            var x = embed(pass);
            for (int layer = 0; layer < layers.size(); layer++) {
                gate.pass();
                pass.seed(layer);
                var outputs = forward(pass, layer, x, !checkpointing && layer >= lowest);
                if (layer < lowest) {
                    scope.free(List.of(x));
                }
                kept.add(checkpointing ? List.of(x) : outputs);
                x = outputs.getFirst();
            }
            gate.pass();
            var loss = criterion.of(new Top(pass, batch, x));
            if (Double.isFinite(loss.value())) {
                backward(pass, kept, loss.gradient(), lowest);
            }
            return loss.value();
        }
    }

    private Tensor embed(Pass pass) {
        int group = layers.size();
        pass.seed(group);
        return script.record(pass.scope(), "embed_plain", ends, pass.ids(), pass.bounds(), pass.meta(0), pass.state().group(group).values()).getFirst();
    }

    private List<Tensor> forward(Pass pass, int layer, Tensor x, boolean recorded) {
        return script.record(pass.scope(), recorded ? "layer_recorded" : "layer_plain", x, layers.get(layer), pass.tables(), pass.bounds(),
                pass.meta(layer), pass.state().group(layer).values());
    }

    /// The last hidden states of a micro-batch, and what can be computed of them.
    final class Top {
        private final Pass pass;
        private final MicroBatch batch;
        private final Tensor x;
        private final Tensor rows;
        private final Tensor targets;
        private final TrainedState.Group head;

        private Top(Pass pass, MicroBatch batch, Tensor x) {
            this.pass = pass;
            this.batch = batch;
            this.x = x;
            var predictions = batch.predictions();
            this.rows = pass.scope().ofLongs(predictions.rows());
            this.targets = pass.scope().ofLongs(predictions.targets());
            this.head = pass.state().group(layers.size() + 1);
        }

        /// Sum of the negative log-likelihoods of the learned tokens; the gradient is that of `factor` times it.
        Loss likelihood(double factor) {
            var loss = script.record(pass.scope(), "loss", x, ends, rows, targets, pass.meta(0), head.values(), pass.scope().ofFloats((float) factor), head.sums());
            return new Loss(loss.getFirst().toDoubles()[0], loss.getLast());
        }

        /// The same random numbers as for the gradient.
        SequenceScores scores() {
            pass.seed(layers.size() + 1);
            var scores = script.record(pass.scope(), "token_scores", x, ends, rows, targets, pass.meta(0), head.values());
            return SequenceScores.of(batch, scores.getFirst().toDoubles(), scores.getLast().toDoubles());
        }

        /// Of the sum of the negative log-likelihoods, each times its weight.
        Tensor gradient(float[] weights) {
            pass.seed(layers.size() + 1);
            return script.record(pass.scope(), "weighted_gradient", x, ends, rows, targets, pass.scope().ofFloats(weights), pass.meta(0), head.values(),
                    head.sums()).getFirst();
        }
    }

    private void backward(Pass pass, List<List<Tensor>> kept, Tensor above, int lowest) throws InterruptedException {
        var gradient = above;
        for (int layer = layers.size() - 1; layer >= lowest; layer--) {
            gate.pass();
            pass.seed(layer);
            var group = state.group(layer);
            var below = checkpointing
                    ? script.record(pass.scope(), "layer_again", kept.get(layer).getFirst(), layers.get(layer), pass.tables(), pass.bounds(),
                            pass.meta(layer), group.values(), gradient, group.sums())
                    : script.record(pass.scope(), "layer_backward", kept.get(layer), gradient, group.sums());
            pass.scope().free(kept.get(layer));
            pass.scope().free(List.of(gradient));
            gradient = below.getFirst();
        }
        var embedding = state.group(layers.size());
        if (embedding.learned()) {
            pass.seed(layers.size());
            script.record(pass.scope(), "embed_backward", ends, pass.ids(), pass.bounds(), pass.meta(0), embedding.values(), gradient, embedding.sums());
        }
    }

    /// @param loss sum over the learned tokens @param correct how many of them are the likeliest token
    record Score(double loss, long correct) {}

    /// Forward only, without dropout and noise.
    Score evaluate(MicroBatch batch) throws InterruptedException {
        try (var scope = TensorOwner.open(base.plan().device())) {
            var top = forward(pass(scope, batch, state, EVALUATING, 0), batch);
            double[] score = script.record(scope, "evaluate", top.x, ends, top.rows, top.targets, top.pass.meta(0), top.head.values()).getFirst().toDoubles();
            return new Score(score[0], (long) score[1]);
        }
    }

    private Top forward(Pass pass, MicroBatch batch) throws InterruptedException {
        var x = embed(pass);
        for (int layer = 0; layer < layers.size(); layer++) {
            gate.pass();
            var y = forward(pass, layer, x, false).getFirst();
            pass.scope().free(List.of(x));
            x = y;
        }
        gate.pass();
        return new Top(pass, batch, x);
    }

    /// Forward only, without dropout and noise.
    SequenceScores scores(MicroBatch batch) throws InterruptedException {
        return scores(batch, state);
    }

    /// The same with other values in the place of what is trained.
    SequenceScores scores(MicroBatch batch, TrainedState values) throws InterruptedException {
        return scores(batch, values, EVALUATING);
    }

    /// The same with the base alone.
    SequenceScores scoresWithoutAdapter(MicroBatch batch) throws InterruptedException {
        return scores(batch, state, WITHOUT_ADAPTER);
    }

    private SequenceScores scores(MicroBatch batch, TrainedState values, int mode) throws InterruptedException {
        try (var scope = TensorOwner.open(base.plan().device())) {
            return forward(pass(scope, batch, values, mode, 0), batch).scores();
        }
    }

    @Override
    public void close() {
        owner.close();
    }
}
