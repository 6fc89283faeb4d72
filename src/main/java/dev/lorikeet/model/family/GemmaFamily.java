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

/// Gemma 1: norm weights stored minus one, scaled embedding, tied head, GELU.
public final class GemmaFamily implements ModelFamily {
    @Override
    public String modelType() {
        return "gemma";
    }

    @Override
    public DecoderConfig config(ConfigJson json) {
        var f = DecoderFields.read(json);
        var attention = new Attention(f.numHeads(), f.numKeyValueHeads(), f.headDim(), f.defaultScale(), OptionalDouble.empty(), false,
                f.uniformLayers(0), List.of(Rope.read(json, 10_000)));
        return gemma(f, modelType(), attention, false);
    }

    static DecoderConfig gemma(DecoderFields f, String family, Attention attention, boolean afterSublayers) {
        var json = f.json();
        // Early Gemma files say hidden_act "gelu" but were trained with the tanh form, which hidden_activation names.
        var activation = json.has("hidden_activation") ? f.activation("gelu_pytorch_tanh", "hidden_activation")
                : DecoderConfig.Activation.GELU_TANH;
        return new DecoderConfig(family, f.vocabSize(), f.hiddenSize(), f.intermediateSize(), f.numHiddenLayers(), f.maxPositionEmbeddings(), attention,
                new Norm(f.rmsNormEps(), true, afterSublayers), activation, Math.sqrt(f.hiddenSize()), json.optionalNumber("final_logit_softcapping"),
                json.flag("tie_word_embeddings", true));
    }

    @Override
    public Optional<String> biasField(LayerTensor bias) {
        return ModelFamily.attentionBias(bias);
    }
}
