package dev.lorikeet.model;

import java.util.List;
import java.util.OptionalDouble;

/// Everything in which one decoder-only transformer differs from another; nothing optional is left open.
///
/// @param family `model_type` of `config.json`
/// @param embeddingScale the embedding is multiplied by this, rounded to the model's dtype (1: not at all)
/// @param finalSoftcap logits become `cap · tanh(logits / cap)`
public record DecoderConfig(String family, int vocabSize, int hiddenSize, int intermediateSize, int numHiddenLayers, int maxPositionEmbeddings,
                            Attention attention, Norm norm, Activation activation, double embeddingScale, OptionalDouble finalSoftcap,
                            boolean tieWordEmbeddings) {

    /// @param scale factor on `q · k` @param softcap scores become `cap · tanh(scores / cap)`
    /// @param qkNorm RMS norm of each query and key head before the rotation
    /// @param layers one entry per layer @param ropes what [Layer#rope] points to
    public record Attention(int numHeads, int numKeyValueHeads, int headDim, double scale, OptionalDouble softcap, boolean qkNorm,
                            List<Layer> layers, List<Rope> ropes) {
        public Attention {
            layers = List.copyOf(layers);
            ropes = List.copyOf(ropes);
        }
    }

    /// @param window positions a token sees, itself included; 0 is all @param rope index into [Attention#ropes]
    public record Layer(int window, int rope) {}

    /// RMS norm. @param onePlus the weight is stored as its difference from one (Gemma)
    /// @param afterSublayers attention and MLP outputs are normed as well before they are added (Gemma 2 and 3)
    public record Norm(double epsilon, boolean onePlus, boolean afterSublayers) {}

    /// The gate's activation in the MLP.
    public enum Activation {
        SILU, GELU_TANH, GELU
    }

    /// Floats or halves per token that keys and values take, all layers together.
    public long cacheElementsPerToken() {
        return 2L * numHiddenLayers * attention.numKeyValueHeads() * attention.headDim();
    }
}
