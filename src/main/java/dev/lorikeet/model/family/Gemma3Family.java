package dev.lorikeet.model.family;

import dev.lorikeet.model.ConfigJson;
import dev.lorikeet.model.DecoderConfig;
import dev.lorikeet.model.DecoderConfig.Attention;
import dev.lorikeet.model.LayerTensor;
import dev.lorikeet.model.ModelFamily;
import dev.lorikeet.model.Rope;
import dev.lorikeet.model.TensorSource;
import java.util.List;
import java.util.Optional;

/// Gemma 3 (text): query and key norms, five sliding layers to a full one, each kind with its own rope.
public final class Gemma3Family implements ModelFamily {
    private static final int SLIDING_ROPE = 1;

    @Override
    public String modelType() {
        return "gemma3_text";
    }

    @Override
    public DecoderConfig config(ConfigJson json) {
        var f = DecoderFields.read(json);
        double scale = 1 / Math.sqrt(json.number("query_pre_attn_scalar", 256));
        int pattern = json.positiveInt("sliding_window_pattern", json.positiveInt("_sliding_window_pattern", 6));
        var layers = f.layers(json.positiveInt("sliding_window", 4096), SLIDING_ROPE, layer -> (layer + 1) % pattern != 0);
        var attention = new Attention(f.numHeads(), f.numKeyValueHeads(), f.headDim(), scale, json.optionalNumber("attn_logit_softcapping"), true,
                layers, ropes(json));
        return GemmaFamily.gemma(f, modelType(), attention, true);
    }

    private static List<Rope> ropes(ConfigJson json) {
        var parameters = json.object("rope_parameters");
        var full = parameters.flatMap(p -> p.object("full_attention")).map(p -> Rope.read(p, p.number("rope_theta", 1_000_000), 1))
                .orElseGet(() -> Rope.read(json, 1_000_000));
        var sliding = parameters.flatMap(p -> p.object("sliding_attention")).map(p -> Rope.read(p, p.number("rope_theta", 10_000), 1))
                .orElseGet(() -> new Rope.Default(json.number("rope_local_base_freq", 10_000), 1));
        return List.of(full, sliding);
    }

    @Override
    public Optional<TensorSource> source(DecoderConfig config, int layer, LayerTensor tensor) {
        return Gemma2Family.sandwich(layer, tensor);
    }

    @Override
    public Optional<String> biasField(LayerTensor bias) {
        return ModelFamily.attentionBias(bias);
    }
}
