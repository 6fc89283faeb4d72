package dev.lorikeet.model;

import dev.lorikeet.model.Quantization.FourBit;
import dev.lorikeet.model.Quantization.Int4;
import dev.lorikeet.model.Quantization.LlmInt8;
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
        attributes.put("int4_block", (long) (scheme instanceof Int4 ? PackedRows.of(plan.device()) : 1));
        attributes.put("outlier_aware", scheme instanceof LlmInt8);
        attributes.put("threshold", scheme instanceof LlmInt8(double threshold) ? threshold : 0.0);
        return attributes;
    }
}
