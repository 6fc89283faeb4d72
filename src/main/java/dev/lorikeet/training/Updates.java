package dev.lorikeet.training;

import dev.lorikeet.tensor.DynamicMap;
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
    private static final String FIRST = "exp_avg";
    private static final String SECOND = "exp_avg_sq";
    private static final String FIRST_LARGEST = "exp_avg_absmax";
    private static final String SECOND_LARGEST = "exp_avg_sq_absmax";
    private static final String ROWS = "exp_avg_sq_row";
    private static final String COLUMNS = "exp_avg_sq_col";
    private static final double ADAFACTOR_DECAY = -0.8;
    /// Tensors with fewer numbers keep their moments in float32, as in bitsandbytes.
    static final int EIGHT_BIT_FROM = 4096;

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
            remember();
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    private void remember() {
        switch (options.optimizer()) {
            case ADAMW -> {
                moments.put(FIRST, script.record(owner, "zeros_like", state.values()));
                moments.put(SECOND, script.record(owner, "zeros_like", state.values()));
            }
            case ADAMW_8BIT -> {
                rememberPair("moments_8bit", FIRST, FIRST_LARGEST);
                rememberPair("moments_8bit", SECOND, SECOND_LARGEST);
            }
            case ADAFACTOR -> rememberPair("moments_adafactor", ROWS, COLUMNS);
            case SGD -> { }
        }
    }

    private void rememberPair(String method, String one, String other) {
        var both = script.record(owner, method, state.values());
        moments.put(one, both.subList(0, both.size() / 2));
        moments.put(other, both.subList(both.size() / 2, both.size()));
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
        var adam = scope.ofDoubles(rate, options.beta1(), options.beta2(), options.epsilon(), options.weightDecay(), 1 - Math.pow(options.beta1(), step),
                1 - Math.pow(options.beta2(), step));
        switch (options.optimizer()) {
            case ADAMW -> script.record(scope, "adamw", state.values(), state.sums(), moments.get(FIRST), moments.get(SECOND), decays, adam);
            case ADAMW_8BIT -> script.record(scope, "adamw_8bit", state.values(), state.sums(), moments.get(FIRST), moments.get(SECOND),
                    moments.get(FIRST_LARGEST), moments.get(SECOND_LARGEST),
                    List.of(scope.ofFloats(DynamicMap.signed()), scope.ofFloats(DynamicMap.unsigned())), decays, adam);
            case ADAFACTOR -> script.record(scope, "adafactor", state.values(), state.sums(), moments.get(ROWS), moments.get(COLUMNS), decays,
                    scope.ofDoubles(rate, options.weightDecay(), 1 - Math.pow(step, ADAFACTOR_DECAY)));
            case SGD -> script.record(scope, "sgd", state.values(), state.sums(), decays, scope.ofDoubles(rate, options.weightDecay()));
        }
    }

    /// Forgets the gradients.
    void clear() {
        try (var scope = TensorOwner.open(device)) {
            script.record(scope, "clear", state.sums());
        }
    }

    /// The names under which what is remembered is saved.
    java.util.Set<String> moments() {
        return moments.keySet();
    }

    /// Numbers that are remembered for a tensor, copied; those of codes as they are.
    float[] moment(String name, int tensor) {
        try (var scope = TensorOwner.open(device)) {
            return script.record(scope, "to_float32", moments.get(name).get(tensor)).getFirst().toFloats();
        }
    }

    long[] shape(String name, int tensor) {
        return moments.get(name).get(tensor).shape();
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
