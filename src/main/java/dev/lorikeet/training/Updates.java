package dev.lorikeet.training;

import dev.lorikeet.tensor.Script;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.TensorOwner;
import dev.lorikeet.training.TrainingOptions.Optimization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The optimizer: turns summed gradients into new values, and keeps what it remembers of earlier steps.
final class Updates implements AutoCloseable {
    private final Optimization options;
    private final Script script;
    private final TrainedState state;
    private final TensorOwner owner;
    private final TensorDevice device;
    private final Map<String, List<Tensor>> moments = new LinkedHashMap<>();

    Updates(Optimization options, Script script, TrainedState state, TensorDevice device) {
        this.options = options;
        this.script = script;
        this.state = state;
        this.device = device;
        this.owner = TensorOwner.open(device);
        try {
            for (String name : names()) {
                moments.put(name, script.record(owner, "zeros_like", state.values()));
            }
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    private List<String> names() {
        return switch (options.optimizer()) {
            case ADAMW, ADAMW_8BIT -> List.of("exp_avg", "exp_avg_sq");
            case SGD -> List.of();
            case ADAFACTOR -> List.of();
        };
    }

    /// Length of all gradients together, after taking a loss scale out of them.
    double norm(double lossScale) {
        try (var scope = TensorOwner.open(device)) {
            if (lossScale != 1) {
                script.record(scope, "scaled", state.sums(), scope.ofDoubles(1 / lossScale));
            }
            return script.record(scope, "norm_of", state.sums()).getFirst().toFloats()[0];
        }
    }

    /// One step. Gradients are shortened first if they are too long, and cleared afterwards.
    ///
    /// @param step from 1
    void apply(int step, double rate, double norm) {
        try (var scope = TensorOwner.open(device)) {
            if (options.maxGradNorm() > 0 && norm + 1e-6 > options.maxGradNorm()) {
                script.record(scope, "scaled", state.sums(), scope.ofDoubles(options.maxGradNorm() / (norm + 1e-6)));
            }
            update(scope, step, rate);
        }
        clear();
        state.refreshLengths();
    }

    private void update(TensorOwner scope, int step, double rate) {
        var decays = scope.ofLongs(state.tensors().stream().mapToLong(tensor -> tensor.decays() ? 1 : 0).toArray());
        switch (options.optimizer()) {
            case ADAMW, ADAMW_8BIT -> script.record(scope, "adamw", state.values(), state.sums(), moments.get("exp_avg"), moments.get("exp_avg_sq"), decays,
                    scope.ofDoubles(rate, options.beta1(), options.beta2(), options.epsilon(), options.weightDecay(), 1 - Math.pow(options.beta1(), step),
                            1 - Math.pow(options.beta2(), step)));
            case SGD, ADAFACTOR -> script.record(scope, "sgd", state.values(), state.sums(), decays, scope.ofDoubles(rate, options.weightDecay()));
        }
    }

    /// Forgets the gradients.
    void clear() {
        try (var scope = TensorOwner.open(device)) {
            script.record(scope, "clear", state.sums());
        }
    }

    /// What is remembered, by the names under which it is saved.
    Map<String, List<Tensor>> moments() {
        return moments;
    }

    /// Puts saved numbers in the place of what is remembered. @param saved in the order of the tensors
    void restore(String name, List<float[]> saved) {
        try (var scratch = TensorOwner.open(device)) {
            var heap = new ArrayList<Tensor>();
            for (int i = 0; i < saved.size(); i++) {
                heap.add(scratch.ofFloats(saved.get(i), moments.get(name).get(i).shape()));
            }
            script.record(scratch, "put", moments.get(name), heap);
        }
    }

    @Override
    public void close() {
        owner.close();
    }
}
