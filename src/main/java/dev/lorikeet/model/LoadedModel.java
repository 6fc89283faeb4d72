package dev.lorikeet.model;

import dev.lorikeet.store.BadFileException;
import dev.lorikeet.tensor.AdapterArguments;
import dev.lorikeet.tensor.DecoderProgram;
import dev.lorikeet.tensor.Logits;
import dev.lorikeet.tensor.Script;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.TensorOwner;
import dev.lorikeet.tensor.Torch;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.DoubleConsumer;

/// A base model in memory: the mapped checkpoint, the tensors over it, the program and its KV cache. Owns all of them;
/// [#close()] gives every byte back. Weights are frozen: nothing ever writes them.
public final class LoadedModel implements Decoder, AutoCloseable {
    private static final String SOURCE = "decoder.py";

    private final ModelPlan plan;
    private final Arena arena;
    private final TensorOwner owner;
    private final Script script;
    private final DecoderProgram program;
    private final WeightTable weights;
    private final WeightSites sites;
    private final long parameters;

    /// What lies in native memory.
    private record Parts(TensorOwner owner, Script script, DecoderProgram program, WeightTable weights) {}

    private LoadedModel(ModelPlan plan, Arena arena, Parts parts, long parameters) {
        this.plan = plan;
        this.arena = arena;
        this.owner = parts.owner();
        this.script = parts.script();
        this.program = parts.program();
        this.weights = parts.weights();
        this.sites = WeightSites.of(plan.family(), plan.config());
        this.parameters = parameters;
    }

    /// Maps and wires a checkpoint. On the CPU no weight is read or copied unless its type must change.
    ///
    /// @param progress called with 0…1
    /// @throws BadFileException naming the file that is wrong
    public static LoadedModel load(ModelPlan plan, DoubleConsumer progress) {
        var arena = Arena.ofShared();
        TensorOwner owner = null;
        Script script = null;
        try {
            var checkpoint = Checkpoint.open(plan.folder(), arena);
            script = Script.compile(plan.device(), sources(plan), constants(plan.config()), attributes(plan));
            owner = TensorOwner.open(plan.device());
            var weights = new WeightTable(weights(plan, checkpoint, script, owner, progress), plan.quantization().isPresent());
            var program = program(plan, script, owner, weights.all());
            return new LoadedModel(plan, arena, new Parts(owner, script, program, weights), checkpoint.parameters());
        } catch (RuntimeException | Error e) {
            release(owner, script, arena);
            throw e;
        }
    }

    private static List<Weight> weights(ModelPlan plan, Checkpoint checkpoint, Script script, TensorOwner owner, DoubleConsumer progress) {
        if (plan.quantization().isEmpty()) {
            return new Weights(checkpoint, plan, script, owner, Weight.Plain::new).collect(progress);
        }
        try (var quantizer = new Quantizer(plan.device(), plan.quantization().get(), plan.type())) {
            return new Weights(checkpoint, plan, script, owner, matrix -> quantizer.quantize(matrix, owner)).collect(progress);
        }
    }

    private static List<String> sources(ModelPlan plan) {
        return plan.quantization().isPresent() ? List.of(SOURCE, QuantizedProgram.SOURCE) : List.of(SOURCE);
    }

    private static DecoderProgram program(ModelPlan plan, Script script, TensorOwner owner, List<Tensor> weights) {
        var attention = plan.config().attention();
        var frequencies = attention.ropes().stream().map(rope -> owner.ofFloats(rope.inverseFrequencies(attention.headDim()))).toList();
        return new DecoderProgram(script, plan.device(), weights, frequencies, plan.type(), plan.config().numHiddenLayers(), plan.maxBatch(),
                attention.numKeyValueHeads(), plan.maxContext(), attention.headDim());
    }

    /// The numbers behind the names in the program's source.
    private static Map<String, Integer> constants(DecoderConfig config) {
        var constants = new LinkedHashMap<String, Integer>(Map.of("EMBED", Weights.EMBED, "FINAL_NORM", Weights.FINAL_NORM, "LM_HEAD",
                Weights.LM_HEAD, "NO_BIAS", Weights.NO_BIAS, "FIRST_LAYER", Weights.FIRST_LAYER, "LAYER_TENSORS", LayerTensor.values().length,
                "JAVA_ROWS", Torch.javaRows()));
        for (LayerTensor tensor : LayerTensor.values()) {
            constants.put(tensor.name(), tensor.ordinal());
        }
        constants.putAll(QuantizedProgram.constants());
        constants.putAll(AdapterArguments.constants(WeightSites.count(config)));
        return constants;
    }

    private static SequencedMap<String, Object> attributes(ModelPlan plan) {
        var config = plan.config();
        var attention = config.attention();
        var windows = attention.layers().stream().map(DecoderConfig.Layer::window).distinct().toList();
        var attributes = new LinkedHashMap<String, Object>();
        attributes.put("layers", (long) config.numHiddenLayers());
        attributes.put("heads", (long) attention.numHeads());
        attributes.put("kv_heads", (long) attention.numKeyValueHeads());
        attributes.put("head_dim", (long) attention.headDim());
        attributes.put("rotary_dim", (long) attention.ropes().getFirst().rotaryDim(attention.headDim()));
        attributes.put("attention_scale", attention.scale());
        attributes.put("attention_softcap", attention.softcap().orElse(0));
        attributes.put("qk_norm", attention.qkNorm());
        attributes.put("windows", windows.stream().map(Integer::longValue).toList());
        attributes.put("layer_windows", attention.layers().stream().map(layer -> (long) windows.indexOf(layer.window())).toList());
        attributes.put("layer_ropes", attention.layers().stream().map(layer -> (long) layer.rope()).toList());
        attributes.put("norm_epsilon", config.norm().epsilon());
        attributes.put("norm_one_plus", config.norm().onePlus());
        attributes.put("norm_after_sublayers", config.norm().afterSublayers());
        attributes.put("activation", (long) config.activation().ordinal());
        attributes.put("embedding_scale", config.embeddingScale());
        attributes.put("tied", config.tieWordEmbeddings());
        attributes.put("final_softcap", config.finalSoftcap().orElse(0));
        attributes.put("java_kernels", usesJavaKernels(plan));
        plan.quantization().ifPresent(scheme -> attributes.putAll(QuantizedProgram.attributes(scheme, plan)));
        return attributes;
    }

    private static boolean usesJavaKernels(ModelPlan plan) {
        var config = plan.config();
        var attention = config.attention();
        long hidden = config.hiddenSize();
        long heads = (long) attention.numHeads() * attention.headDim();
        long keyHeads = (long) attention.numKeyValueHeads() * attention.headDim();
        long mlp = config.intermediateSize();
        return Torch.useJavaKernels(plan.device(), plan.type(), hidden, heads, keyHeads, mlp, config.vocabSize(), attention.headDim());
    }

    @Override
    public Logits step(StepBatch batch) {
        return program.step(batch.toStep());
    }

    /// See [DecoderProgram#hiddenRms].
    public float[] hiddenRms(StepBatch batch) {
        return program.hiddenRms(batch.toStep());
    }

    @Override
    public void copyPrefix(int source, int target, int length) {
        program.copyPrefix(source, target, length);
    }

    @Override
    public int slots() {
        return program.slots();
    }

    @Override
    public int capacity() {
        return program.capacity();
    }

    /// The kernels in Java compute each row by itself; those of libtorch change with the number of rows.
    @Override
    public int independentRows() {
        return usesJavaKernels(plan) && plan.quantization().isEmpty() ? Torch.javaRows() : 1;
    }

    @Override
    public int vocabSize() {
        return plan.config().vocabSize();
    }

    /// Where in this model a module of the checkpoint has its weights.
    public WeightSites sites() {
        return sites;
    }

    /// The shape of a frozen weight; of a quantised one, that of the matrix that it stands for. @param site as [WeightSites] numbers them
    public long[] shape(int site) {
        return weights.shape(site);
    }

    /// A frozen weight in the type that it is multiplied in. @param scope takes the matrix that a quantised one becomes
    public Tensor weight(int site, TensorOwner scope) {
        return weights.plain(site).orElseGet(() -> script.record(scope, "dequantize_one", weights.parts(site)).getFirst());
    }

    /// The compiled program, for preparing adapters on a loader thread.
    public Script script() {
        return script;
    }

    /// A program of its own: the decoder's with another source behind it, whose functions replace those of the same name. It does not
    /// use the kernels in Java, which know no gradients.
    public Script extended(String source, Map<String, Integer> constants, Map<String, Object> attributes) {
        var all = attributes(plan);
        all.put("java_kernels", false);
        all.putAll(attributes);
        var names = constants(plan.config());
        names.putAll(constants);
        var files = new ArrayList<>(sources(plan));
        files.add(source);
        return Script.compile(plan.device(), files, names, all);
    }

    /// The weights that stand before the layers' (embedding, final norm, head, an absent bias), as a program reads them.
    public List<Tensor> outerWeights() {
        return weights.outer();
    }

    /// One layer's weights as a program reads them: in the place of the outer ones stands what is absent.
    public List<Tensor> layerWeights(int layer) {
        return weights.layer(layer);
    }

    public ModelPlan plan() {
        return plan;
    }

    public long parameters() {
        return parameters;
    }

    @Override
    public void close() {
        program.close();
        release(owner, script, arena);
    }

    /// Tensors first, then what they point into.
    private static void release(TensorOwner owner, Script script, Arena arena) {
        if (owner != null) {
            owner.close();
        }
        if (script != null) {
            script.close();
        }
        arena.close();
    }
}
