package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/// The answer of `POST /v1/chat/completions`. Keys that OpenAI always sends are there even when null; keys of vLLM only if asked for.
public record ChatCompletion(String id, String object, long created, String model, @JsonProperty("system_fingerprint") String systemFingerprint,
                             @JsonProperty("service_tier") String serviceTier, List<Choice> choices, Usage usage,
                             @JsonProperty("prompt_token_ids") @JsonInclude(JsonInclude.Include.NON_NULL) List<Integer> promptTokenIds,
                             @JsonInclude(JsonInclude.Include.NON_NULL) Sources.Report lorikeet) {

    /// @param stopReason the stop string or stop token id that fired, `time_limit`, `repetition`, or null
    public record Choice(int index, Message message, Logprobs.Chat logprobs, @JsonProperty("finish_reason") String finishReason,
                         @JsonProperty("stop_reason") Object stopReason,
                         @JsonProperty("token_ids") @JsonInclude(JsonInclude.Include.NON_NULL) List<Integer> tokenIds,
                         @JsonProperty("prompt_logprobs") @JsonInclude(JsonInclude.Include.NON_NULL)
                         List<Map<String, Logprobs.PromptToken>> promptLogprobs) {}

    public record Message(String role, String content, String refusal, List<Sources.Annotation> annotations) {}
}
