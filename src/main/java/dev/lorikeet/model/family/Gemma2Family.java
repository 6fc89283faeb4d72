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

/// Gemma 2: soft caps, every other layer with a sliding window, norms after the sublayers too.
public final class Gemma2Family implements ModelFamily {
    @Override
    public String modelType() {
        return "gemma2";
    }

    @Override
    public DecoderConfig config(ConfigJson json) {
        var f = DecoderFields.read(json);
        double scale = 1 / Math.sqrt(json.number("query_pre_attn_scalar", 256));
        var layers = f.layers(json.positiveInt("sliding_window", 4096), 0, layer -> layer % 2 == 0);
        var attention = new Attention(f.numHeads(), f.numKeyValueHeads(), f.headDim(), scale, json.optionalNumber("attn_logit_softcapping"), false,
                layers, List.of(Rope.read(json, 10_000)));
        return GemmaFamily.gemma(f, modelType(), attention, true);
    }

    @Override
    public Optional<TensorSource> source(DecoderConfig config, int layer, LayerTensor tensor) {
        return switch (tensor) {
            case Q_NORM, K_NORM -> Optional.empty();
            default -> sandwich(layer, tensor);
        };
    }

    /// Names of a decoder with norms before and after each sublayer.
    static Optional<TensorSource> sandwich(int layer, LayerTensor tensor) {
        String name = tensor == LayerTensor.PRE_MLP_NORM ? "pre_feedforward_layernorm.weight" : tensor.suffix();
        return Optional.of(TensorSource.whole("model.layers." + layer + "." + name));
    }

    @Override
    public Optional<String> biasField(LayerTensor bias) {
        return ModelFamily.attentionBias(bias);
    }
}
