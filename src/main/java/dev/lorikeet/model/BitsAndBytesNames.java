package dev.lorikeet.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.model.Quantization.Code;
import dev.lorikeet.model.Quantization.FourBit;
import dev.lorikeet.model.Quantization.LlmInt8;
import dev.lorikeet.tensor.ElementType;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads how a base is to be quantised from the names that transformers' `BitsAndBytesConfig` gives to bitsandbytes' options, with its
/// defaults: four bits are `fp4` and are multiplied in float32 unless something else is asked for. Beside them stands `quantization`, which
/// takes the name of a scheme.
public final class BitsAndBytesNames {
    private static final String SCHEME = "quantization";
    private static final String FOUR = "load_in_4bit";
    private static final String EIGHT = "load_in_8bit";
    private static final String TYPE = "bnb_4bit_quant_type";
    private static final String DOUBLE = "bnb_4bit_use_double_quant";
    private static final String COMPUTE = "bnb_4bit_compute_dtype";
    private static final String THRESHOLD = "llm_int8_threshold";
    private static final List<String> OF_FOUR = List.of(TYPE, DOUBLE, COMPUTE);
    /// The names that are read here.
    public static final Set<String> KEYS = Set.of(SCHEME, FOUR, EIGHT, TYPE, DOUBLE, COMPUTE, THRESHOLD);

    private final JsonNode options;

    /// What is wrong, and with which name.
    public static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final String field;

        Refusal(String field, String rule) {
            super("`" + field + "` " + rule);
            this.field = field;
        }

        public String field() {
            return field;
        }
    }

    private BitsAndBytesNames(JsonNode options) {
        this.options = options;
    }

    /// The scheme that is asked for, if any. Other names are left alone.
    ///
    /// @throws Refusal naming what has the wrong type, is unknown, or does not go together
    public static Optional<Quantization> read(ObjectNode options) {
        return new BitsAndBytesNames(options).read();
    }

    private Optional<Quantization> read() {
        boolean four = flag(FOUR);
        boolean eight = flag(EIGHT);
        if (four && eight) {
            throw new Refusal(EIGHT, "is true together with `" + FOUR + "`; choose one of them");
        }
        OF_FOUR.stream().filter(name -> !four && has(name)).findFirst().ifPresent(name -> {
            throw new Refusal(name, "is set, but `" + FOUR + "` is not true; set it, or leave this out");
        });
        if (!eight && has(THRESHOLD)) {
            throw new Refusal(THRESHOLD, "is set, but `" + EIGHT + "` is not true; set it, or leave this out");
        }
        if (has(SCHEME)) {
            return Optional.of(scheme(four || eight));
        }
        if (four) {
            return Optional.of(new FourBit(code(), flag(DOUBLE), Optional.of(compute())));
        }
        return eight ? Optional.of(threshold()) : Optional.empty();
    }

    private Quantization scheme(boolean other) {
        if (other) {
            throw new Refusal(SCHEME, "is set together with `" + (flag(FOUR) ? FOUR : EIGHT) + "`; choose one of them");
        }
        try {
            return Quantization.parse(text(SCHEME));
        } catch (IllegalArgumentException e) {
            throw new Refusal(SCHEME, "is not known: " + e.getMessage());
        }
    }

    private Code code() {
        return has(TYPE) ? Code.ofConfig(text(TYPE)).orElseThrow(() -> new Refusal(TYPE, "is " + options.get(TYPE) + "; it must be nf4 or fp4")) : Code.FP4;
    }

    private ElementType compute() {
        return has(COMPUTE) ? ElementType.ofConfig(text(COMPUTE))
                .orElseThrow(() -> new Refusal(COMPUTE, "is " + options.get(COMPUTE) + "; it must be float16, bfloat16 or float32")) : ElementType.FLOAT32;
    }

    private LlmInt8 threshold() {
        JsonNode value = options.path(THRESHOLD);
        if (!has(THRESHOLD)) {
            return new LlmInt8();
        }
        if (!value.isNumber() || !(value.doubleValue() >= 0) || Double.isInfinite(value.doubleValue())) {
            throw new Refusal(THRESHOLD, "is " + value + "; it must be a number from 0 (no column is an outlier)");
        }
        return new LlmInt8(value.doubleValue());
    }

    private boolean has(String name) {
        return !options.path(name).isMissingNode() && !options.path(name).isNull();
    }

    private boolean flag(String name) {
        if (has(name) && !options.get(name).isBoolean()) {
            throw new Refusal(name, "is " + options.get(name) + "; it must be true or false");
        }
        return has(name) && options.get(name).booleanValue();
    }

    private String text(String name) {
        if (!options.get(name).isTextual()) {
            throw new Refusal(name, "is " + options.get(name) + "; it must be a text");
        }
        return options.get(name).textValue();
    }
}
