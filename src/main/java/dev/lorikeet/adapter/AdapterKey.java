package dev.lorikeet.adapter;

import java.util.Optional;

/// What a tensor of an adapter file is. PEFT's keys are `base_model.model.<module>.<part>`; the adapter's name may stand before the
/// last word (`lora_A.default.weight`), and the prefix may be missing.
///
/// @param module of the transformers model, such as `model.layers.0.self_attn.q_proj`
public record AdapterKey(String module, Part part) {
    private static final String PREFIX = "base_model.model.";

    /// What of a module the tensor is.
    public enum Part {
        LORA_A(".lora_A.weight"), LORA_B(".lora_B.weight"), LORA_B_BIAS(".lora_B.bias"), MAGNITUDE(".lora_magnitude_vector"),
        EMBEDDING_A(".lora_embedding_A"), EMBEDDING_B(".lora_embedding_B"), TOKEN_ROWS(".token_adapter.trainable_tokens_delta"),
        BASE_WEIGHT(".base_layer.weight"), BASE_BIAS(".base_layer.bias"), WEIGHT(".weight"), BIAS(".bias");

        private final String ending;

        Part(String ending) {
            this.ending = ending;
        }

        /// Its name in PEFT's files.
        String of(String module) {
            return PREFIX + module + ending;
        }
    }

    /// Empty for a name that is none of PEFT's.
    public static Optional<AdapterKey> parse(String key) {
        String name = key.startsWith(PREFIX) ? key.substring(PREFIX.length()) : key;
        name = name.replaceFirst("\\.(lora_[AB])\\.[^.]+\\.(weight|bias)$", ".$1.$2")
                .replaceFirst("\\.(lora_embedding_[AB]|lora_magnitude_vector)\\.[^.]+$", ".$1").replaceFirst("\\.modules_to_save\\.[^.]+\\.(weight|bias)$", ".$1");
        for (Part part : Part.values()) {
            if (name.endsWith(part.ending)) {
                return Optional.of(new AdapterKey(textModule(name.substring(0, name.length() - part.ending.length())), part));
            }
        }
        return Optional.empty();
    }

    /// The module's name in a model for text alone; models that see as well have it one level deeper.
    static String textModule(String module) {
        return module.replaceFirst("^model\\.language_model\\.", "model.").replaceFirst("^language_model\\.model\\.", "model.");
    }
}
