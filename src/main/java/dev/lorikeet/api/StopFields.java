package dev.lorikeet.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.api.Fields.Range;
import dev.lorikeet.engine.StopRules;
import dev.lorikeet.engine.StopRules.RepetitionLoop;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// When a request wants its text to end.
///
/// @param maxTokens empty: the endpoint's default
/// @param maxTime seconds from submission, as `max_time` of transformers
record StopFields(List<String> strings, List<Integer> tokenIds, boolean ignoreEos, int minTokens, OptionalInt maxTokens, String maxTokensName,
                  Optional<Duration> maxTime, Optional<RepetitionLoop> repetition, boolean includeStopString, boolean skipSpecialTokens) {
    private static final int MAX_STRINGS = 16;
    private static final double MAX_SECONDS = 1e6;
    private static final String NEW_NAME = "max_completion_tokens";
    private static final String OLD_NAME = "max_tokens";

    static StopFields read(Fields fields) {
        OptionalInt maxTokens = maxTokens(fields);
        int minTokens = fields.integer("min_tokens", 0, Integer.MAX_VALUE).orElse(0);
        if (maxTokens.isPresent() && minTokens > maxTokens.getAsInt()) {
            throw tooMany(fields.path("min_tokens"), minTokens, maxTokens.getAsInt());
        }
        return new StopFields(fields.get("stop").map(node -> strings(node, fields.path("stop"))).orElse(List.of()),
                fields.list("stop_token_ids", (node, path) -> (int) Fields.integer(node, path, 0, Integer.MAX_VALUE)),
                fields.flag("ignore_eos", false), minTokens, maxTokens, fields.has(NEW_NAME) ? NEW_NAME : OLD_NAME,
                fields.number("max_time", Range.above(0, MAX_SECONDS)).stream()
                        .mapToObj(seconds -> Duration.ofNanos(Math.max(1, (long) (seconds * 1e9)))).findFirst(),
                fields.object("repetition_detection").map(StopFields::repetition), fields.flag("include_stop_str_in_output", false),
                fields.flag("skip_special_tokens", true));
    }

    /// The longest answer that a request allows, under either of its names.
    static OptionalInt maxTokens(Fields fields) {
        OptionalInt newName = fields.integer(NEW_NAME, 1, Integer.MAX_VALUE);
        OptionalInt oldName = fields.integer(OLD_NAME, 1, Integer.MAX_VALUE);
        return newName.isPresent() ? newName : oldName;
    }

    /// @param limit how many tokens this text may have, as the endpoint has decided
    StopRules resolve(Set<Integer> endTokenIds, int limit, Duration serverLimit) {
        if (minTokens > limit) {
            throw tooMany("min_tokens", minTokens, limit);
        }
        Duration time = maxTime.filter(own -> own.compareTo(serverLimit) < 0).orElse(serverLimit);
        return new StopRules(endTokenIds, Set.copyOf(tokenIds), ignoreEos, minTokens, limit, Optional.of(time), repetition);
    }

    void checkVocabulary(int size) {
        Vocabulary.checkAll(Vocabulary.ids(tokenIds), size, "stop_token_ids");
    }

    private static ApiException tooMany(String path, int minTokens, int maxTokens) {
        return ApiException.invalid(path, "'min_tokens' is " + minTokens + ", more than the " + maxTokens + " tokens that may be generated.");
    }

    private static List<String> strings(JsonNode node, String path) {
        if (node.isTextual()) {
            return List.of(stop(node, path));
        }
        if (!node.isArray()) {
            throw Fields.wrongType(path, "a string or an array of strings", node);
        }
        if (node.size() > MAX_STRINGS) {
            throw ApiException.invalid(path, "'stop' has " + node.size() + " strings; at most " + MAX_STRINGS + " are allowed.");
        }
        return Fields.list(node, path, StopFields::stop);
    }

    private static String stop(JsonNode node, String path) {
        String text = Fields.text(node, path);
        if (text.isEmpty()) {
            throw ApiException.invalid(path, "'" + path + "' is an empty string; a stop string needs at least one character.");
        }
        return text;
    }

    private static RepetitionLoop repetition(Fields fields) {
        OptionalInt period = either(fields, "max_period", "max_pattern_size", 1, 256);
        OptionalInt repeats = either(fields, "min_repeats", "min_count", 2, 1_000_000);
        FieldPolicy.finish(fields);
        return new RepetitionLoop(period.getAsInt(), repeats.getAsInt());
    }

    private static OptionalInt either(Fields fields, String name, String vllmName, int min, int max) {
        OptionalInt other = fields.integer(vllmName, min, max);
        if (other.isEmpty()) {
            fields.require(name);
        }
        OptionalInt own = fields.integer(name, min, max);
        return own.isPresent() ? own : other;
    }
}
