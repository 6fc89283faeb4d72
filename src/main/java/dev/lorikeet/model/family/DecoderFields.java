package dev.lorikeet.model.family;

import dev.lorikeet.model.ConfigJson;
import dev.lorikeet.model.DecoderConfig.Activation;
import dev.lorikeet.model.DecoderConfig.Layer;
import java.util.List;
import java.util.stream.IntStream;

/// The fields of `config.json` that every family shares.
record DecoderFields(ConfigJson json, int vocabSize, int hiddenSize, int intermediateSize, int numHiddenLayers, int numHeads, int numKeyValueHeads,
                     int headDim, int maxPositionEmbeddings, double rmsNormEps) {

    static DecoderFields read(ConfigJson json) {
        int hidden = json.positiveInt("hidden_size");
        int heads = json.positiveInt("num_attention_heads");
        int kvHeads = json.positiveInt("num_key_value_heads", heads);
        if (heads % kvHeads != 0) {
            throw json.bad("num_key_value_heads", "is " + kvHeads + ", which does not divide num_attention_heads (" + heads + ")");
        }
        if (!json.has("head_dim") && hidden % heads != 0) {
            throw json.bad("num_attention_heads", "is " + heads + ", which does not divide hidden_size (" + hidden + "), and head_dim is missing");
        }
        int headDim = json.positiveInt("head_dim", hidden / heads);
        if (headDim % 2 != 0) {
            throw json.bad("head_dim", "is " + headDim + "; rotary embedding needs an even number");
        }
        return new DecoderFields(json, json.positiveInt("vocab_size"), hidden, json.positiveInt("intermediate_size"),
                json.positiveInt("num_hidden_layers"), heads, kvHeads, headDim, json.positiveInt("max_position_embeddings", 2048),
                json.number("rms_norm_eps", 1e-6));
    }

    /// The activation named by the first of these fields that is set.
    Activation activation(String absent, String... fields) {
        String field = List.of(fields).stream().filter(json::has).findFirst().orElse(fields[0]);
        String name = json.optionalText(field).orElse(absent);
        return switch (name) {
            case "silu", "swish" -> Activation.SILU;
            case "gelu_pytorch_tanh", "gelu_tanh" -> Activation.GELU_TANH;
            case "gelu" -> Activation.GELU;
            default -> throw json.bad(field, "is `" + name + "`, which is not supported (supported: silu, gelu, gelu_pytorch_tanh)");
        };
    }

    /// Every layer alike.
    List<Layer> uniformLayers(int window) {
        return IntStream.range(0, numHiddenLayers).mapToObj(_ -> new Layer(window, 0)).toList();
    }

    /// Layers as `layer_types` lists them, or as `slidingByDefault` says where the file has no such list.
    ///
    /// @param slidingRope rope of sliding layers; full ones take rope 0
    List<Layer> layers(int window, int slidingRope, java.util.function.IntPredicate slidingByDefault) {
        if (!json.has("layer_types")) {
            return IntStream.range(0, numHiddenLayers).mapToObj(i -> layer(slidingByDefault.test(i), window, slidingRope)).toList();
        }
        var types = json.texts("layer_types");
        if (types.size() != numHiddenLayers) {
            throw json.bad("layer_types", "has " + types.size() + " entries for " + numHiddenLayers + " layers");
        }
        return types.stream().map(type -> switch (type) {
            case "full_attention" -> layer(false, window, slidingRope);
            case "sliding_attention" -> layer(true, window, slidingRope);
            default -> throw json.bad("layer_types", "has `" + type + "`, which is not supported (supported: full_attention, sliding_attention)");
        }).toList();
    }

    private Layer layer(boolean sliding, int window, int slidingRope) {
        if (sliding && window == 0) {
            throw json.bad("sliding_window", "is missing, but some layers use it");
        }
        return sliding ? new Layer(window, slidingRope) : new Layer(0, 0);
    }

    double defaultScale() {
        return 1 / Math.sqrt(headDim);
    }
}
