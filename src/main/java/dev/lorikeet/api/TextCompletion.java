package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/// The answer of `POST /v1/completions`, and one event of its stream.
///
/// @param usage left out when Java's null; JSON's null when the usage comes in a chunk of its own
public record TextCompletion(String id, String object, long created, String model, List<Choice> choices,
                             @JsonInclude(JsonInclude.Include.NON_NULL) Object usage,
                             @JsonProperty("prompt_token_ids") @JsonInclude(JsonInclude.Include.NON_NULL) List<Integer> promptTokenIds) {

    /// @param stopReason as `usage`: left out but for the last chunk of the choice
    public record Choice(String text, int index, CompletionLogprobs logprobs, @JsonProperty("finish_reason") String finishReason,
                         @JsonProperty("stop_reason") @JsonInclude(JsonInclude.Include.NON_NULL) Object stopReason,
                         @JsonProperty("token_ids") @JsonInclude(JsonInclude.Include.NON_NULL) List<Integer> tokenIds,
                         @JsonProperty("prompt_token_ids") @JsonInclude(JsonInclude.Include.NON_NULL) List<Integer> promptTokenIds,
                         @JsonProperty("prompt_logprobs") @JsonInclude(JsonInclude.Include.NON_NULL)
                         List<Map<String, Logprobs.PromptToken>> promptLogprobs) {}
}
