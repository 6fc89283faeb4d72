package dev.lorikeet.model.family;

import dev.lorikeet.model.ConfigJson;
import dev.lorikeet.model.DecoderConfig;
import dev.lorikeet.model.LayerTensor;
import dev.lorikeet.model.ModelFamily;
import dev.lorikeet.model.TensorSource;
import java.util.Optional;

/// Qwen 3 (dense): no biases, but a norm on each query and key head.
public final class Qwen3Family implements ModelFamily {
    @Override
    public String modelType() {
        return "qwen3";
    }

    @Override
    public DecoderConfig config(ConfigJson json) {
        return Qwen2Family.qwen(DecoderFields.read(json), modelType(), true);
    }

    @Override
    public Optional<TensorSource> source(DecoderConfig config, int layer, LayerTensor tensor) {
        return switch (tensor) {
            case Q_NORM, K_NORM -> Optional.of(TensorSource.whole("model.layers." + layer + "." + tensor.suffix()));
            default -> ModelFamily.super.source(config, layer, tensor);
        };
    }

    @Override
    public Optional<String> biasField(LayerTensor bias) {
        return ModelFamily.attentionBias(bias);
    }
}
