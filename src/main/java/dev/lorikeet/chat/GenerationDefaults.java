package dev.lorikeet.chat;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/// What `generation_config.json`, `config.json` and the tokenizer say where a request is silent.
///
/// @param endTokenIds union of all end tokens the model's files name
public record GenerationDefaults(OptionalDouble temperature, OptionalDouble topP, OptionalInt topK, OptionalDouble minP, OptionalDouble typicalP,
                                 OptionalDouble repetitionPenalty, OptionalInt maxNewTokens, Set<Integer> endTokenIds,
                                 Optional<Boolean> doSample) {}
