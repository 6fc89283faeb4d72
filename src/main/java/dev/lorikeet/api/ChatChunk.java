package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/// One event of a streamed chat.
///
/// @param lorikeet in the first chunk, if documents or a search were asked for
/// @param usage left out when Java's null; JSON's null when the usage comes in a chunk of its own
public record ChatChunk(String id, String object, long created, String model, @JsonProperty("system_fingerprint") String systemFingerprint,
                        List<Choice> choices, @JsonInclude(JsonInclude.Include.NON_NULL) Object usage,
                        @JsonProperty("prompt_token_ids") @JsonInclude(JsonInclude.Include.NON_NULL) List<Integer> promptTokenIds,
                        @JsonInclude(JsonInclude.Include.NON_NULL) Sources.Report lorikeet) {

    /// @param stopReason as `usage`: left out but for the last chunk of the choice
    public record Choice(int index, Delta delta, Logprobs.Chat logprobs, @JsonProperty("finish_reason") String finishReason,
                         @JsonProperty("stop_reason") @JsonInclude(JsonInclude.Include.NON_NULL) Object stopReason,
                         @JsonProperty("token_ids") @JsonInclude(JsonInclude.Include.NON_NULL) List<Integer> tokenIds) {}

    /// What the chunk adds to the message.
    public sealed interface Delta {}

    public record Opening(String role, String content, String refusal) implements Delta {}

    public record Text(String content) implements Delta {}

    public record Annotations(List<Sources.Annotation> annotations) implements Delta {}

    public record Nothing() implements Delta {}
}
