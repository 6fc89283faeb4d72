package dev.lorikeet.model;

import java.util.Optional;
import java.util.Set;

/// One line of decoders, such as Gemma 2: how its `config.json` reads and how its tensors are called.
/// To add a family: one class in `model.family`, one line in [ModelFamilies], one fixture.
public interface ModelFamily {
    /// `model_type` in `config.json`.
    String modelType();

    /// @throws dev.lorikeet.store.BadFileException naming a field that is missing, wrong or not supported
    DecoderConfig config(ConfigJson json);

    /// Where this family keeps a layer's tensor, or empty if it has none.
    default Optional<TensorSource> source(DecoderConfig config, int layer, LayerTensor tensor) {
        return switch (tensor) {
            case POST_ATTENTION_NORM, POST_MLP_NORM, Q_NORM, K_NORM -> Optional.empty();
            default -> Optional.of(TensorSource.whole("model.layers." + layer + "." + tensor.suffix()));
        };
    }

    /// Tensors that a checkpoint may lack; any other missing one is an error.
    default Set<LayerTensor> optionalTensors(DecoderConfig config) {
        return Set.of(LayerTensor.Q_BIAS, LayerTensor.K_BIAS, LayerTensor.V_BIAS, LayerTensor.O_BIAS, LayerTensor.GATE_BIAS, LayerTensor.UP_BIAS,
                LayerTensor.DOWN_BIAS);
    }

    /// The switch of `config.json` that gives a module the bias `bias`, where `transformers` has one for this family.
    default Optional<String> biasField(LayerTensor bias) {
        return Optional.empty();
    }

    /// The switch that Llama, Gemma and Qwen 3 have for all four matrices of attention.
    static Optional<String> attentionBias(LayerTensor bias) {
        return switch (bias) {
            case Q_BIAS, K_BIAS, V_BIAS, O_BIAS -> Optional.of("attention_bias");
            default -> Optional.empty();
        };
    }
}
