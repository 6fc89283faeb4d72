package dev.lorikeet.model.family;

import dev.lorikeet.model.ConfigJson;
import dev.lorikeet.model.DecoderConfig;
import dev.lorikeet.model.LayerTensor;
import dev.lorikeet.model.ModelFamily;
import dev.lorikeet.model.TensorSource;
import java.util.Optional;

/// Phi-3: Llama whose q, k, v and gate, up are stored as one matrix each.
public final class Phi3Family implements ModelFamily {
    @Override
    public String modelType() {
        return "phi3";
    }

    @Override
    public DecoderConfig config(ConfigJson json) {
        return LlamaFamily.plain(DecoderFields.read(json), modelType(), json.positiveInt("sliding_window", 0), false);
    }

    @Override
    public Optional<TensorSource> source(DecoderConfig config, int layer, LayerTensor tensor) {
        String base = "model.layers." + layer + ".";
        long q = (long) config.attention().numHeads() * config.attention().headDim();
        long kv = (long) config.attention().numKeyValueHeads() * config.attention().headDim();
        long mlp = config.intermediateSize();
        return switch (tensor) {
            case Q_PROJ -> Optional.of(new TensorSource(base + "self_attn.qkv_proj.weight", 0, q));
            case K_PROJ -> Optional.of(new TensorSource(base + "self_attn.qkv_proj.weight", q, kv));
            case V_PROJ -> Optional.of(new TensorSource(base + "self_attn.qkv_proj.weight", q + kv, kv));
            case GATE_PROJ -> Optional.of(new TensorSource(base + "mlp.gate_up_proj.weight", 0, mlp));
            case UP_PROJ -> Optional.of(new TensorSource(base + "mlp.gate_up_proj.weight", mlp, mlp));
            default -> ModelFamily.super.source(config, layer, tensor);
        };
    }
}
