package dev.lorikeet.model;

import dev.lorikeet.model.family.Gemma2Family;
import dev.lorikeet.model.family.Gemma3Family;
import dev.lorikeet.model.family.GemmaFamily;
import dev.lorikeet.model.family.LlamaFamily;
import dev.lorikeet.model.family.MistralFamily;
import dev.lorikeet.model.family.Phi3Family;
import dev.lorikeet.model.family.Qwen2Family;
import dev.lorikeet.model.family.Qwen3Family;
import java.util.List;
import java.util.stream.Collectors;

/// The families this server knows.
public final class ModelFamilies {
    private static final List<ModelFamily> ALL = List.of(new LlamaFamily(), new MistralFamily(), new GemmaFamily(), new Gemma2Family(),
            new Gemma3Family(), new Qwen2Family(), new Qwen3Family(), new Phi3Family());

    /// Fields that change the arithmetic in ways no family here computes; each must be absent, null, false or zero.
    private static final List<String> UNSUPPORTED = List.of("compression_config", "use_bidirectional_attention",
            "attention_chunk_size", "no_rope_layers", "num_local_experts", "num_experts", "is_encoder_decoder", "add_cross_attention", "clip_qkv",
            "logit_scale", "residual_multiplier", "attention_multiplier", "embedding_multiplier", "vision_config", "layer_replication");

    private ModelFamilies() {}

    /// The family of a checkpoint.
    ///
    /// @throws dev.lorikeet.store.BadFileException naming an unknown `model_type` or an option that is not supported
    public static ModelFamily of(ConfigJson config) {
        String type = config.text("model_type");
        var family = ALL.stream().filter(f -> f.modelType().equals(type)).findFirst()
                .orElseThrow(() -> config.bad("model_type", "is `" + type + "`, which is not supported (supported: "
                        + ALL.stream().map(ModelFamily::modelType).collect(Collectors.joining(", ")) + ")"));
        UNSUPPORTED.stream().filter(config::isSet).findFirst().ifPresent(field -> {
            throw config.bad(field, "is set, and this server does not support it: the model would give wrong answers");
        });
        return family;
    }
}
