package dev.lorikeet.engine;

import java.util.Optional;
import java.util.OptionalInt;

/// One sequence to generate; valid by construction except for its length, which [Generator#submit] checks.
///
/// @param promptIds token ids of the prompt, at least one
/// @param topLogprobs alternatives to report with each output token (0: the token's own only); empty: none
/// @param promptLogprobs likewise for the prompt's own tokens; such a prompt is computed afresh, without prefix reuse
/// @param cacheSalt sequences share a prefix only with sequences of the same salt
public record GenerationRequest(int[] promptIds, SamplingParams sampling, StopRules stop, OptionalInt topLogprobs,
                                OptionalInt promptLogprobs, Optional<String> cacheSalt) {
    public GenerationRequest {
        if (promptIds.length == 0) {
            throw new IllegalArgumentException("the prompt has no tokens");
        }
        promptIds = promptIds.clone();
    }
}
