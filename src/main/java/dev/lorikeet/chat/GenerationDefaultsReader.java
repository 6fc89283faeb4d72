package dev.lorikeet.chat;

import dev.lorikeet.store.JsonFile;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/// Reads [GenerationDefaults] from a model folder.
///
/// Values that `generation_config.json` has are the defaults whatever `do_sample` says, as in vLLM; `transformers` would decode greedily
/// unless `do_sample` is true. `do_sample` is reported, not acted upon.
final class GenerationDefaultsReader {
    private GenerationDefaultsReader() {}

    /// @param furtherEndTokens end tokens known from elsewhere: the tokenizer's `eos_token`, the template's end of turn
    static GenerationDefaults read(Path folder, Set<Integer> furtherEndTokens) {
        Optional<JsonFile> generation = JsonFile.readIfPresent(folder.resolve("generation_config.json"));
        Set<Integer> endTokens = new LinkedHashSet<>();
        generation.ifPresent(file -> endTokens.addAll(file.integers("eos_token_id", 0)));
        JsonFile.readIfPresent(folder.resolve("config.json")).ifPresent(file -> {
            endTokens.addAll(file.integers("eos_token_id", 0));
            endTokens.addAll(file.integers("text_config.eos_token_id", 0));
        });
        endTokens.addAll(furtherEndTokens);
        return generation.map(file -> of(file, endTokens)).orElseGet(() -> none(endTokens));
    }

    private static GenerationDefaults of(JsonFile file, Set<Integer> endTokens) {
        return new GenerationDefaults(
                file.number("temperature", v -> v >= 0, "≥ 0"),
                file.number("top_p", v -> v > 0 && v <= 1, "in (0, 1]"),
                file.integer("top_k", 0),
                file.number("min_p", v -> v >= 0 && v <= 1, "in [0, 1]"),
                file.number("typical_p", v -> v > 0 && v <= 1, "in (0, 1]"),
                file.number("repetition_penalty", v -> v > 0, "> 0"),
                file.integer("max_new_tokens", 1),
                Set.copyOf(endTokens),
                file.bool("do_sample"));
    }

    private static GenerationDefaults none(Set<Integer> endTokens) {
        return new GenerationDefaults(OptionalDouble.empty(), OptionalDouble.empty(), OptionalInt.empty(), OptionalDouble.empty(),
                OptionalDouble.empty(), OptionalDouble.empty(), OptionalInt.empty(), Set.copyOf(endTokens), Optional.empty());
    }
}
