package dev.lorikeet.engine;

import java.util.Map;

/// How the next token is drawn from the logits. Every value is resolved (request, then the model's
/// `generation_config.json`, then the neutral default) before this record is made.
///
/// @param temperature 0 is greedy; otherwise logits are divided by it
/// @param topP nucleus mass in (0, 1]; 1 keeps all
/// @param topK number of best tokens kept; 0 keeps all
/// @param minP tokens less likely than `minP` times the best are dropped; 0 keeps all
/// @param typicalP locally typical mass in (0, 1]; 1 keeps all (Meister et al., 2022)
/// @param repetitionPenalty over prompt and output: logit > 0 is divided, else multiplied (Keskar et al., 2019); 1 is neutral
/// @param presencePenalty subtracted once from the logit of every token already in the output
/// @param frequencyPenalty subtracted from the logit for each time the token is already in the output
/// @param logitBias added to the logits of these token ids
/// @param seed the draw at output position i depends on this seed and i alone
public record SamplingParams(double temperature, double topP, int topK, double minP, double typicalP,
                             double repetitionPenalty, double presencePenalty, double frequencyPenalty,
                             Map<Integer, Float> logitBias, long seed) {

    public SamplingParams {
        require(temperature >= 0 && temperature < Double.POSITIVE_INFINITY, "temperature", temperature, "a finite number ≥ 0");
        require(topP > 0 && topP <= 1, "top_p", topP, "in (0, 1]");
        require(topK >= 0, "top_k", topK, "≥ 0");
        require(minP >= 0 && minP <= 1, "min_p", minP, "in [0, 1]");
        require(typicalP > 0 && typicalP <= 1, "typical_p", typicalP, "in (0, 1]");
        require(repetitionPenalty > 0 && repetitionPenalty < Double.POSITIVE_INFINITY, "repetition_penalty", repetitionPenalty, "a finite number > 0");
        require(Double.isFinite(presencePenalty), "presence_penalty", presencePenalty, "finite");
        require(Double.isFinite(frequencyPenalty), "frequency_penalty", frequencyPenalty, "finite");
        logitBias = Map.copyOf(logitBias);
    }

    /// Greedy decoding with nothing else applied.
    public static SamplingParams greedy() {
        return new SamplingParams(0, 1, 0, 0, 1, 1, 0, 0, Map.of(), 0);
    }

    /// Whether the chosen token is simply the one with the largest raw logit.
    public boolean isPlainGreedy() {
        return temperature == 0 && repetitionPenalty == 1 && presencePenalty == 0 && frequencyPenalty == 0 && logitBias.isEmpty();
    }

    private static void require(boolean ok, String field, Object value, String rule) {
        if (!ok) {
            throw new IllegalArgumentException(field + " is " + value + "; it must be " + rule);
        }
    }
}
