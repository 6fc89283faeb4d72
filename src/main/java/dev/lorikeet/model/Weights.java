package dev.lorikeet.model;

import dev.lorikeet.store.BadFileException;
import dev.lorikeet.tensor.Script;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.TensorOwner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.function.Function;

/// Collects a decoder's tensors in the order in which the tensor program finds them, checking every shape.
final class Weights {
    /// Embedding, final norm, head and an empty tensor (a bias that is not there) stand before the layers.
    static final int EMBED = 0;
    static final int FINAL_NORM = 1;
    static final int LM_HEAD = 2;
    static final int NO_BIAS = 3;
    static final int FIRST_LAYER = 4;
    /// Their names in a checkpoint.
    static final String EMBEDDING = "model.embed_tokens.weight";
    static final String HEAD = "lm_head.weight";

    private final Checkpoint checkpoint;
    private final ModelPlan plan;
    private final DecoderConfig config;
    private final Script script;
    private final TensorOwner owner;
    private final Function<Tensor, Weight> matrices;
    private final Tensor empty;

    /// @param matrices makes what the matrices of layers become
    Weights(Checkpoint checkpoint, ModelPlan plan, Script script, TensorOwner owner, Function<Tensor, Weight> matrices) {
        this.checkpoint = checkpoint;
        this.plan = plan;
        this.config = plan.config();
        this.script = script;
        this.owner = owner;
        this.matrices = matrices;
        this.empty = owner.ofFloats();
    }

    /// @param progress called with 0…1 as layers are done
    List<Weight> collect(DoubleConsumer progress) {
        var weights = new ArrayList<Weight>();
        long hidden = config.hiddenSize();
        long vocab = config.vocabSize();
        // A tied matrix may be stored under either name.
        boolean tied = config.tieWordEmbeddings();
        var embed = new Weight.Plain(tensor(TensorSource.whole(tied && checkpoint.find(EMBEDDING).isEmpty() ? HEAD : EMBEDDING), vocab, hidden));
        weights.add(embed);
        weights.add(new Weight.Plain(tensor(TensorSource.whole("model.norm.weight"), hidden)));
        weights.add(tied ? embed : new Weight.Plain(tensor(TensorSource.whole(HEAD), vocab, hidden)));
        weights.add(new Weight.Plain(empty));
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
            for (LayerTensor part : LayerTensor.values()) {
                weights.add(layerTensor(layer, part));
            }
            progress.accept((layer + 1.0) / config.numHiddenLayers());
        }
        return weights;
    }

    private Weight layerTensor(int layer, LayerTensor part) {
        Optional<TensorSource> source = plan.family().source(config, layer, part);
        boolean absent = source.isEmpty()
                || plan.family().optionalTensors(config).contains(part) && checkpoint.find(source.get().name()).isEmpty();
        if (absent) {
            return new Weight.Plain(empty);
        }
        var tensor = tensor(source.get(), shape(config, part));
        return part.isMatrix() ? matrices.apply(tensor) : new Weight.Plain(tensor);
    }

    static long[] shape(DecoderConfig config, LayerTensor part) {
        var attention = config.attention();
        long hidden = config.hiddenSize();
        long mlp = config.intermediateSize();
        long q = (long) attention.numHeads() * attention.headDim();
        long kv = (long) attention.numKeyValueHeads() * attention.headDim();
        return switch (part) {
            case INPUT_NORM, POST_ATTENTION_NORM, PRE_MLP_NORM, POST_MLP_NORM, O_BIAS, DOWN_BIAS -> new long[] {hidden};
            case Q_NORM, K_NORM -> new long[] {attention.headDim()};
            case Q_PROJ -> new long[] {q, hidden};
            case K_PROJ, V_PROJ -> new long[] {kv, hidden};
            case O_PROJ -> new long[] {hidden, q};
            case Q_BIAS -> new long[] {q};
            case K_BIAS, V_BIAS -> new long[] {kv};
            case GATE_PROJ, UP_PROJ -> new long[] {mlp, hidden};
            case DOWN_PROJ -> new long[] {hidden, mlp};
            case GATE_BIAS, UP_BIAS -> new long[] {mlp};
        };
    }

    private Tensor tensor(TensorSource source, long... shape) {
        var entry = checkpoint.require(source.name());
        long rows = source.rows() == 0 ? entry.shape()[0] : source.rows();
        long[] actual = entry.shape().clone();
        if (actual.length > 0 && source.fromRow() + rows <= actual[0]) {
            actual[0] = rows;
        }
        if (!Arrays.equals(actual, shape)) {
            throw new BadFileException(entry.file(), "tensor `" + source.name() + "` has shape " + Arrays.toString(entry.shape())
                    + ", but config.json asks for " + Arrays.toString(shape) + (source.rows() == 0 ? "" : " in rows from " + source.fromRow()));
        }
        long rowBytes = entry.bytes().byteSize() / entry.shape()[0];
        var bytes = entry.bytes().asSlice(source.fromRow() * rowBytes, rows * rowBytes);
        return owner.wrap(script, bytes, entry.type(), plan.type(), shape);
    }
}
