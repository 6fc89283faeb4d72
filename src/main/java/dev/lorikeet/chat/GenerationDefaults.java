package dev.lorikeet.chat;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/// What `generation_config.json`, `config.json` and the tokenizer say where a request is silent.
///
/// @param endTokenIds union of all end tokens the model's files name
public record GenerationDefaults(OptionalDouble temperature, OptionalDouble topP, OptionalInt topK, OptionalDouble minP, OptionalDouble typicalP,
                                 OptionalDouble repetitionPenalty, OptionalInt maxNewTokens, Set<Integer> endTokenIds,
                                 Optional<Boolean> doSample) {
    /// The same, but that further tokens end a text.
    GenerationDefaults endingWith(Set<Integer> further) {
        Set<Integer> all = new LinkedHashSet<>(endTokenIds);
        all.addAll(further);
        return new GenerationDefaults(temperature, topP, topK, minP, typicalP, repetitionPenalty, maxNewTokens, Set.copyOf(all), doSample);
    }
}
