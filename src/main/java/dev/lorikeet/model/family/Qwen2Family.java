package dev.lorikeet.model.family;

import dev.lorikeet.model.ConfigJson;
import dev.lorikeet.model.DecoderConfig;
import dev.lorikeet.model.DecoderConfig.Attention;
import dev.lorikeet.model.ModelFamily;
import dev.lorikeet.model.Rope;
import java.util.List;
import java.util.OptionalDouble;

/// Qwen 2 and 2.5: Llama with biases on q, k and v.
public final class Qwen2Family implements ModelFamily {
    @Override
    public String modelType() {
        return "qwen2";
    }

    @Override
    public DecoderConfig config(ConfigJson json) {
        return qwen(DecoderFields.read(json), modelType(), false);
    }

    static DecoderConfig qwen(DecoderFields f, String family, boolean qkNorm) {
        var json = f.json();
        boolean sliding = json.flag("use_sliding_window", false);
        int window = sliding ? json.positiveInt("sliding_window", 0) : 0;
        int firstSliding = json.has("max_window_layers") ? (int) json.number("max_window_layers") : f.numHiddenLayers();
        var layers = sliding ? f.layers(window, 0, layer -> layer >= firstSliding) : f.uniformLayers(0);
        return LlamaFamily.skeleton(f, family, new Attention(f.numHeads(), f.numKeyValueHeads(), f.headDim(), f.defaultScale(), OptionalDouble.empty(),
                qkNorm, layers, List.of(Rope.read(json, 10_000))));
    }
}
