package dev.lorikeet.model.family;

import dev.lorikeet.model.ConfigJson;
import dev.lorikeet.model.DecoderConfig;
import dev.lorikeet.model.ModelFamily;

/// Mistral 7B and its kin: Llama with a sliding window on every layer.
public final class MistralFamily implements ModelFamily {
    @Override
    public String modelType() {
        return "mistral";
    }

    @Override
    public DecoderConfig config(ConfigJson json) {
        return LlamaFamily.plain(DecoderFields.read(json), modelType(), json.positiveInt("sliding_window", 0), false);
    }
}
