package dev.lorikeet.engine;

import java.util.Optional;
import java.util.OptionalInt;

/// One sequence to generate; valid by construction except for its length, which [Generator#submit] checks.
///
/// @param promptIds token ids of the prompt, at least one
/// @param topLogprobs alternatives to report with each output token (0: the token's own only); empty: none
/// @param promptLogprobs likewise for the prompt's own tokens; such a prompt is computed afresh, without prefix reuse
/// @param reproducible the tokens must not depend on what else is in the batch, to the last bit of the logits: computed apart from other
/// sequences, in chunks of a fixed size and without prefix reuse, which is slower
/// @param cacheSalt sequences share a prefix only with sequences of the same salt
/// @param adapters to run on; empty: the base alone
public record GenerationRequest(int[] promptIds, SamplingParams sampling, StopRules stop, OptionalInt topLogprobs,
                                OptionalInt promptLogprobs, Optional<String> cacheSalt, boolean reproducible, Optional<AdapterMix> adapters) {
    public GenerationRequest(int[] promptIds, SamplingParams sampling, StopRules stop, OptionalInt topLogprobs, OptionalInt promptLogprobs,
                             Optional<String> cacheSalt) {
        this(promptIds, sampling, stop, topLogprobs, promptLogprobs, cacheSalt, false, Optional.empty());
    }

    /// The same on these adapters.
    public GenerationRequest on(Optional<AdapterMix> mix) {
        return new GenerationRequest(promptIds, sampling, stop, topLogprobs, promptLogprobs, cacheSalt, reproducible, mix);
    }

    public GenerationRequest {
        if (promptIds.length == 0) {
            throw new IllegalArgumentException("the prompt has no tokens");
        }
        promptIds = promptIds.clone();
    }

    /// Whether the prompt may take keys and values that another sequence computed.
    boolean mayReusePrefix() {
        return promptLogprobs.isEmpty() && !reproducible;
    }
}
