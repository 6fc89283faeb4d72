package dev.lorikeet.tensor;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.List;
import java.util.Optional;

/// The decoder program with its weights and its KV cache: what one model computes with. Calls come from one thread.
public final class DecoderProgram implements AutoCloseable {
    private final Script script;
    private final TensorDevice device;
    private final IValue weights;
    private final IValue frequencies;
    private final KvCache cache;
    private final int slots;
    private final int capacity;

    /// What [#step] computes. T tokens: first one for each decoding sequence in ascending order of slots, then the chunks.
    ///
    /// @param ids, positions, slots one entry for each token
    /// @param decoding how many of the tokens are decoding sequences @param longest cached positions of the longest of these
    /// @param chunks for each chunk: slot, tokens, positions already cached
    /// @param logitRows the tokens after which logits are wanted
    /// @param combinations, owners one entry for each token, see [AdapterArguments]
    public record Step(long[] ids, long[] positions, long[] slots, int decoding, long longest, long[] chunks, long[] logitRows,
                       Optional<AdapterArguments> adapters, long[] combinations, long[] owners) {}

    /// @param weights in the program's order @param inverseFrequencies one tensor for each rope
    /// @param shape of one layer's keys: slots, key/value heads, capacity, head size
    public DecoderProgram(Script script, TensorDevice device, List<Tensor> weights, List<Tensor> inverseFrequencies, ElementType type, int layers,
                          int slots, int kvHeads, int capacity, int headDim) {
        this.script = script;
        this.device = device;
        this.slots = slots;
        this.capacity = capacity;
        this.cache = new KvCache(script, device, type, layers, slots, kvHeads, capacity, headDim);
        this.weights = list(weights);
        this.frequencies = list(inverseFrequencies);
    }

    private static IValue list(List<Tensor> tensors) {
        return IValue.listFrom(tensors.stream().map(Tensor::array).toArray(PtNDArray[]::new));
    }

    public int slots() {
        return slots;
    }

    /// Positions that one slot holds.
    public int capacity() {
        return capacity;
    }

    public TensorDevice device() {
        return device;
    }

    /// Runs the layers for all tokens, writes their keys and values, and computes the logits asked for.
    public Logits step(Step step) {
        var scope = TensorOwner.open(device);
        try (var arguments = new Arguments(scope, step)) {
            var result = script.run(scope, "step", weights, cache.keys(), cache.values(), frequencies, arguments.ids, arguments.positions,
                    arguments.slots, arguments.rows, arguments.logitRows, arguments.batch, arguments.chunks, arguments.adapters, arguments.layout,
                    arguments.combinations, arguments.owners);
            return new DeviceLogits(script, scope, result[0], result[1], step.logitRows().length);
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
    }

    /// Root mean square of the hidden state after the embedding, each layer but the last, and the final norm: for comparing layer by
    /// layer with a reference.
    public float[] hiddenRms(Step step) {
        try (var scope = TensorOwner.open(device); var arguments = new Arguments(scope, step)) {
            return script.run(scope, "hidden_rms", weights, cache.keys(), cache.values(), frequencies, arguments.ids, arguments.positions,
                    arguments.slots, arguments.rows, arguments.batch, arguments.chunks, arguments.adapters,
                    arguments.layout, arguments.combinations, arguments.owners)[0].toFloats();
        }
    }

    /// Copies the first `length` positions of one slot into another.
    public void copyPrefix(int source, int target, int length) {
        try (var scope = TensorOwner.open(device); var from = IValue.from(source); var to = IValue.from(target); var n = IValue.from(length)) {
            script.run(scope, "copy_prefix", cache.keys(), cache.values(), from, to, n);
        }
    }

    @Override
    public void close() {
        weights.close();
        frequencies.close();
        cache.close();
    }

    /// A step's arguments as libtorch wants them.
    private static final class Arguments implements AutoCloseable {
        final IValue ids;
        final IValue positions;
        final IValue slots;
        final IValue rows;
        final IValue logitRows;
        final IValue batch;
        final IValue chunks;
        final IValue adapters;
        final IValue layout;
        final IValue combinations;
        final IValue owners;
        private final boolean shared;

        Arguments(TensorOwner scope, Step step) {
            int n = step.decoding();
            long first = n == 0 ? 0 : step.slots()[0];
            long span = n == 0 ? 0 : step.slots()[n - 1] - first + 1;
            var within = new long[n];
            for (int i = 0; i < n; i++) {
                within[i] = step.slots()[i] - first;
            }
            ids = tensor(scope, step.ids());
            positions = tensor(scope, step.positions());
            slots = tensor(scope, step.slots());
            rows = tensor(scope, within);
            logitRows = tensor(scope, step.logitRows());
            batch = IValue.listFrom(n, first, span, step.longest(), span == n ? 1 : 0);
            chunks = IValue.listFrom(step.chunks());
            combinations = tensor(scope, step.combinations());
            owners = tensor(scope, step.owners());
            shared = step.adapters().isPresent();
            adapters = step.adapters().map(AdapterArguments::tensors).orElseGet(() -> IValue.listFrom(new PtNDArray[0]));
            layout = step.adapters().map(AdapterArguments::layout).orElseGet(() -> IValue.listFrom(0L));
        }

        private static IValue tensor(TensorOwner scope, long[] values) {
            return IValue.from(scope.ofLongs(values).array());
        }

        @Override
        public void close() {
            for (var value : List.of(ids, positions, slots, rows, logitRows, batch, chunks, combinations, owners)) {
                value.close();
            }
            if (!shared) {
                adapters.close();
                layout.close();
            }
        }
    }
}
