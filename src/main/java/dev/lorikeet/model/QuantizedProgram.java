package dev.lorikeet.model;

import dev.lorikeet.model.Quantization.FourBit;
import dev.lorikeet.model.Quantization.Int4;
import dev.lorikeet.model.Quantization.LlmInt8;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.tensor.Torch;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// What the tensor program of a quantised model has beside that of any other.
final class QuantizedProgram {
    static final String SOURCE = "quantized.py";
    /// Up to so many rows libtorch's packed kernels are faster than a matrix made for the occasion.
    private static final int INT8_ROWS = 16;
    private static final int INT4_ROWS = 16;

    private QuantizedProgram() {}

    static Map<String, Integer> constants() {
        var constants = new LinkedHashMap<String, Integer>();
        constants.put("WEIGHT_PARTS", WeightPart.values().length);
        for (var part : WeightPart.values()) {
            constants.put("W_" + part.name(), part.ordinal());
        }
        constants.put("INT8_ROWS", INT8_ROWS);
        constants.put("INT4_ROWS", INT4_ROWS);
        return constants;
    }

    static SequencedMap<String, Object> attributes(Quantization scheme, ModelPlan plan) {
        var attributes = new LinkedHashMap<String, Object>();
        attributes.put("weight_compute", (long) scheme.computeType(plan.type()).torchCode());
        attributes.put("block", (long) (scheme instanceof FourBit four ? four.block() : 1));
        attributes.put("int4_group", (long) (scheme instanceof Int4(int group) ? group : 0));
        attributes.put("int4_block", (long) (scheme instanceof Int4 ? rowsInGroup(plan) : 1));
        attributes.put("packed_kernels", usesJavaKernels(plan));
        attributes.put("java_dequantizer", usesJavaDequantizer(scheme, plan));
        attributes.put("outlier_aware", scheme instanceof LlmInt8);
        attributes.put("threshold", scheme instanceof LlmInt8(double threshold) ? threshold : 0.0);
        return attributes;
    }

    private static int rowsInGroup(ModelPlan plan) {
        try (var rows = new PackedRows(plan.device())) {
            return rows.group();
        }
    }

    /// Whether whole matrices are made by the Java kernels, as far as a matrix has the sizes for it.
    private static boolean usesJavaDequantizer(Quantization scheme, ModelPlan plan) {
        var config = plan.config();
        boolean wide = plan.type() == ElementType.BFLOAT16
                && Torch.javaDequantizer(plan.device(), config.hiddenSize(), (long) config.attention().numHeads() * config.attention().headDim(), config.intermediateSize());
        return switch (scheme) {
            case LlmInt8 _ -> false;
            case Quantization.Int8 _ -> wide;
            case Int4 _ -> wide && rowsInGroup(plan) == Torch.packedOutputs();
            case FourBit four -> Torch.javaDequantizer(plan.device(), four.block());
        };
    }

    /// Whether the Java kernels read the codes, where they serve the model at all. LLM.int8 multiplies rows of eight bits, which they do not.
    static boolean usesJavaKernels(ModelPlan plan) {
        var config = plan.config();
        long hidden = config.hiddenSize();
        long heads = (long) config.attention().numHeads() * config.attention().headDim();
        long keyHeads = (long) config.attention().numKeyValueHeads() * config.attention().headDim();
        long mlp = config.intermediateSize();
        boolean fits = plan.device().isCpu() && Torch.packedJavaKernels(hidden, heads, keyHeads, mlp);
        return fits && plan.quantization().filter(scheme -> isRead(scheme, plan, hidden, heads, mlp)).isPresent();
    }

    private static boolean isRead(Quantization scheme, ModelPlan plan, long... inputs) {
        return switch (scheme) {
            case Quantization.Int8 _ -> true;
            case LlmInt8 _ -> false;
            case Int4(int group) -> rowsInGroup(plan) == Torch.packedOutputs() && Arrays.stream(inputs).allMatch(size -> size % group == 0);
            case FourBit four -> Arrays.stream(inputs).allMatch(size -> size % four.block() == 0);
        };
    }
}
