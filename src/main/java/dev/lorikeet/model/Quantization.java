package dev.lorikeet.model;

import dev.lorikeet.tensor.ElementType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How the matrices of a base are stored in fewer bits than the checkpoint's. Two bases with equal schemes of one checkpoint compute the same.
///
/// The name of a scheme is what follows the colon in a resident's id: `demo:nf4`, `demo:nf4-dq-float16`, `demo:int8`.
public sealed interface Quantization {
    /// What users write for each kind.
    List<String> NAMES = List.of("nf4", "fp4", "int8", "llm-int8", "int4");

    /// Values of a code of sixteen, in blocks that each have a largest absolute value: bitsandbytes' four-bit formats.
    ///
    /// @param doubleQuantized whether the blocks' largest values are themselves stored in eight bits
    /// @param compute the type that matrices are multiplied in; empty: the model's own
    record FourBit(Code code, int block, boolean doubleQuantized, Optional<ElementType> compute) implements Quantization {
        public FourBit {
            if (block < 32 || block > 4096 || Integer.bitCount(block) != 1) {
                throw new IllegalArgumentException("block size is " + block + "; it must be a power of two from 32 to 4096");
            }
        }

        /// As bitsandbytes makes them: blocks of 64.
        public FourBit(Code code, boolean doubleQuantized, Optional<ElementType> compute) {
            this(code, STANDARD_BLOCK, doubleQuantized, compute);
        }

        @Override
        public String name() {
            return code.configName() + (block == STANDARD_BLOCK ? "" : "-" + block) + (doubleQuantized ? "-dq" : "")
                    + compute.map(type -> "-" + type.configName()).orElse("");
        }
    }

    /// Eight bits for each weight and a scale for each row; activations stay as they are.
    record Int8() implements Quantization {
        @Override
        public String name() {
            return "int8";
        }
    }

    /// LLM.int8: rows of weights and rows of activations in eight bits each; columns in which an activation reaches the threshold are
    /// multiplied in sixteen bits.
    record LlmInt8(double threshold) implements Quantization {
        public LlmInt8 {
            if (!(threshold >= 0) || Double.isInfinite(threshold)) {
                throw new IllegalArgumentException("threshold is " + threshold + "; it must be a number from 0 (no column is an outlier)");
            }
        }

        public LlmInt8() {
            this(STANDARD_THRESHOLD);
        }

        @Override
        public String name() {
            return threshold == STANDARD_THRESHOLD ? "llm-int8" : "llm-int8-" + threshold;
        }
    }

    /// Four bits for each weight, a scale and a zero point for each group of a row: the layout of libtorch's packed kernels.
    record Int4(int group) implements Quantization {
        public Int4 {
            if (!GROUPS.contains(group)) {
                throw new IllegalArgumentException("group size is " + group + "; it must be one of " + GROUPS);
            }
        }

        public Int4() {
            this(STANDARD_GROUP);
        }

        @Override
        public String name() {
            return group == STANDARD_GROUP ? "int4" : "int4-" + group;
        }
    }

    /// The two codes of sixteen values.
    enum Code {
        NF4("nf4"), FP4("fp4");

        private final String configName;

        Code(String configName) {
            this.configName = configName;
        }

        /// As bitsandbytes' `bnb_4bit_quant_type` has it.
        public String configName() {
            return configName;
        }

        public static Optional<Code> ofConfig(String name) {
            return Arrays.stream(values()).filter(code -> code.configName.equals(name)).findFirst();
        }
    }

    int STANDARD_BLOCK = 64;
    int STANDARD_GROUP = 32;
    double STANDARD_THRESHOLD = 6.0;
    /// What libtorch's packed kernels take.
    List<Integer> GROUPS = List.of(32, 64, 128, 256);

    /// What tells this scheme from others; [#parse] reads it.
    String name();

    /// The type that matrices of a model are multiplied in. @param model the model's own
    default ElementType computeType(ElementType model) {
        return this instanceof FourBit(Code _, int _, boolean _, Optional<ElementType> compute) ? compute.orElse(model) : model;
    }

    /// Reads a name: one of [#NAMES], with `-dq` (double quantisation) and `-float16` and so on (computing type) behind `nf4` and `fp4`, and a
    /// group size behind `int4`.
    ///
    /// @throws IllegalArgumentException saying what may stand there
    static Quantization parse(String name) {
        return QuantizationName.parse(name);
    }
}
