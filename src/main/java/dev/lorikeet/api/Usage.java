package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonProperty;

/// Tokens of a request: a prompt counts once, however many choices continue it.
public record Usage(@JsonProperty("prompt_tokens") int promptTokens, @JsonProperty("completion_tokens") int completionTokens,
                    @JsonProperty("total_tokens") int totalTokens, @JsonProperty("prompt_tokens_details") PromptDetails promptDetails,
                    @JsonProperty("completion_tokens_details") CompletionDetails completionDetails) {
    public record PromptDetails(@JsonProperty("cached_tokens") int cachedTokens, @JsonProperty("audio_tokens") int audioTokens) {}

    public record CompletionDetails(@JsonProperty("reasoning_tokens") int reasoningTokens, @JsonProperty("audio_tokens") int audioTokens,
                                    @JsonProperty("accepted_prediction_tokens") int acceptedPredictionTokens,
                                    @JsonProperty("rejected_prediction_tokens") int rejectedPredictionTokens) {}

    static Usage of(int prompt, int completion, int cached) {
        return new Usage(prompt, completion, prompt + completion, new PromptDetails(cached, 0), new CompletionDetails(0, 0, 0, 0));
    }
}
