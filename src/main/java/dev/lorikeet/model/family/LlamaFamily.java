package dev.lorikeet.model.family;

import dev.lorikeet.model.ConfigJson;
import dev.lorikeet.model.DecoderConfig;
import dev.lorikeet.model.DecoderConfig.Attention;
import dev.lorikeet.model.DecoderConfig.Norm;
import dev.lorikeet.model.LayerTensor;
import dev.lorikeet.model.ModelFamily;
import dev.lorikeet.model.Rope;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// Llama 1 to 3 and whatever shares their shape (TinyLlama, SmolLM, Yi …).
public final class LlamaFamily implements ModelFamily {
    @Override
    public String modelType() {
        return "llama";
    }

    @Override
    public DecoderConfig config(ConfigJson json) {
        return plain(DecoderFields.read(json), modelType(), 0, false);
    }

    /// The skeleton that Llama, Mistral, Qwen and Phi-3 share.
    static DecoderConfig plain(DecoderFields f, String family, int window, boolean qkNorm) {
        var attention = new Attention(f.numHeads(), f.numKeyValueHeads(), f.headDim(), f.defaultScale(), OptionalDouble.empty(), qkNorm,
                f.uniformLayers(window), List.of(Rope.read(f.json(), 10_000)));
        return skeleton(f, family, attention);
    }

    static DecoderConfig skeleton(DecoderFields f, String family, Attention attention) {
        return new DecoderConfig(family, f.vocabSize(), f.hiddenSize(), f.intermediateSize(), f.numHiddenLayers(), f.maxPositionEmbeddings(),
                attention, new Norm(f.rmsNormEps(), false, false), f.activation("silu", "hidden_act"), 1, OptionalDouble.empty(),
                f.json().flag("tie_word_embeddings", false));
    }

    @Override
    public Optional<String> biasField(LayerTensor bias) {
        return switch (bias) {
            case GATE_BIAS, UP_BIAS, DOWN_BIAS -> Optional.of("mlp_bias");
            default -> ModelFamily.attentionBias(bias);
        };
    }
}
