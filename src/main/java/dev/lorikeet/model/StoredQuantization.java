package dev.lorikeet.model;

import dev.lorikeet.model.Quantization.Code;
import dev.lorikeet.model.Quantization.FourBit;
import dev.lorikeet.model.Quantization.LlmInt8;
import dev.lorikeet.tensor.ElementType;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Optional;

/// The scheme in which a checkpoint's matrices are stored already: `quantization_config` of its `config.json`, where bitsandbytes wrote it.
record StoredQuantization(Quantization scheme) {
    private static final String FIELD = "quantization_config";

    /// @throws dev.lorikeet.store.BadFileException for any other method than bitsandbytes', by its name
    static Optional<StoredQuantization> read(ConfigJson json, Path folder) {
        return json.object(FIELD).map(config -> {
            String method = config.optionalText("quant_method").orElse("bitsandbytes");
            if (!method.equals("bitsandbytes")) {
                throw json.bad(FIELD, "has the method `" + method + "`, which cannot be read: only bitsandbytes' four- and eight-bit checkpoints can. Take "
                        + "the checkpoint in full precision and load it with `quantization`");
            }
            boolean four = config.flag("load_in_4bit", false);
            boolean eight = config.flag("load_in_8bit", false);
            if (four == eight) {
                throw config.bad("load_in_4bit", "and `load_in_8bit` are both " + four + "; one of them must be true");
            }
            return new StoredQuantization(four ? fourBit(config, folder) : llmInt8(config));
        });
    }

    private static FourBit fourBit(ConfigJson config, Path folder) {
        String type = config.optionalText("bnb_4bit_quant_type").orElse("fp4");
        var code = Code.ofConfig(type).orElseThrow(() -> config.bad("bnb_4bit_quant_type", "is `" + type + "`, which is not known (known: nf4, fp4)"));
        String compute = config.optionalText("bnb_4bit_compute_dtype").orElse("float32");
        var computeType = ElementType.ofConfig(compute)
                .orElseThrow(() -> config.bad("bnb_4bit_compute_dtype", "is `" + compute + "`, which is not supported (supported: float32, bfloat16, float16)"));
        try (var arena = Arena.ofConfined()) {
            int block = FourBitMatrix.block(Checkpoint.open(folder, arena)).orElseThrow(() -> config.bad("load_in_4bit", "is true, but no tensor of the "
                    + "checkpoint has a `quant_state`"));
            return new FourBit(code, block, config.flag("bnb_4bit_use_double_quant", false), Optional.of(computeType));
        }
    }

    private static LlmInt8 llmInt8(ConfigJson config) {
        return new LlmInt8(config.number("llm_int8_threshold", Quantization.STANDARD_THRESHOLD));
    }

    /// What is stored in few bits cannot be brought to other ones.
    void requireCompatible(Optional<Quantization> asked, ConfigJson json) {
        asked.filter(other -> !other.equals(scheme)).ifPresent(other -> {
            throw json.bad(FIELD, "says that this checkpoint is stored as " + scheme.name() + "; it cannot be loaded as " + other.name()
                    + ". Leave `quantization` out, or take the checkpoint in full precision");
        });
    }

    /// What the weights take in memory. @param type the model's
    static long bytes(Path folder, ElementType type) {
        long bytes = 0;
        try (var arena = Arena.ofConfined()) {
            for (Path file : Checkpoint.files(folder)) {
                var shard = SafetensorsFile.open(file, arena);
                bytes += shard.codes().values().stream().mapToLong(codes -> codes.bytes().byteSize()).sum();
                bytes += shard.tensors().values().stream().mapToLong(entry -> entry.type() == ElementType.FLOAT32 ? entry.bytes().byteSize()
                        : entry.elements() * type.bytes()).sum();
            }
        }
        return bytes;
    }
}
