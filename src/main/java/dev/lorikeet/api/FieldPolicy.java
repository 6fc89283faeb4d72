package dev.lorikeet.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.logging.Log;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/// What becomes of fields that nobody read: those that are known elsewhere but not supported here are refused by name
/// unless their value asks for nothing; others are ignored and logged once.
final class FieldPolicy {
    /// Unknown names come from callers, so they are remembered only up to a bound.
    private static final int NAMES_REMEMBERED = 1000;
    private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();
    private static final Predicate<JsonNode> NEVER = _ -> false;
    private static final Predicate<JsonNode> ZERO = node -> node.isNumber() && node.doubleValue() == 0;
    private static final Predicate<JsonNode> ONE = node -> node.isNumber() && node.doubleValue() == 1;
    private static final Predicate<JsonNode> FALSE = node -> node.isBoolean() && !node.booleanValue();
    private static final Predicate<JsonNode> TRUE = node -> node.isBoolean() && node.booleanValue();
    private static final Predicate<JsonNode> EMPTY = node -> node.isContainerNode() && node.isEmpty();

    /// Name to the values that change nothing.
    private static final Map<String, Predicate<JsonNode>> UNSUPPORTED = table();

    private FieldPolicy() {}

    /// To be called when a request has read all that it understands.
    static void finish(Fields fields) {
        for (String name : fields.unread()) {
            JsonNode value = fields.node().get(name);
            Predicate<JsonNode> harmless = UNSUPPORTED.get(name);
            if (harmless == null) {
                ignore(name);
            } else if (!value.isNull() && !harmless.test(value)) {
                throw ApiException.invalid(fields.path(name), "unsupported_value",
                        "'" + fields.path(name) + "' is not supported by this server"
                                + (harmless == NEVER ? "." : " with this value."));
            }
        }
    }

    private static void ignore(String name) {
        if (SEEN.size() < NAMES_REMEMBERED && SEEN.add(name) && Log.isDebugEnabled()) {
            Log.debugf("ignoring the unknown request field '%s'", name.length() > 64 ? name.substring(0, 64) : name);
        }
    }

    private static Map<String, Predicate<JsonNode>> table() {
        Map<String, Predicate<JsonNode>> table = new HashMap<>();
        table.put("response_format", node -> "text".equals(node.path("type").textValue()));
        table.put("modalities", node -> node.isArray() && node.size() == 1 && "text".equals(node.get(0).textValue()));
        for (String name : Set.of("audio", "web_search_options", "structured_outputs", "structural_tag", "guided_decoding", "guided_json",
                "guided_regex", "guided_choice", "guided_grammar", "guided_decoding_backend", "guided_whitespace_pattern", "grammar", "json_schema",
                "prompt_embeds", "lora", "lora_request", "kv_transfer_params", "vllm_xargs", "do_sample", "logits_processors",
                "mm_processor_kwargs", "media_io_kwargs", "thinking_token_budget", "logprob_token_ids", "n_predict")) {
            table.put(name, NEVER);
        }
        for (String name : Set.of("allowed_token_ids", "bad_words")) {
            table.put(name, EMPTY);
        }
        for (String name : Set.of("use_beam_search", "early_stopping", "echo", "return_progress")) {
            table.put(name, FALSE);
        }
        for (String name : Set.of("priority", "mirostat", "dry_multiplier", "xtc_probability", "dynatemp_range", "no_repeat_ngram_size",
                "min_pattern_size")) {
            table.put(name, ZERO);
        }
        for (String name : Set.of("best_of", "num_beams", "length_penalty", "repeat_penalty")) {
            table.put(name, ONE);
        }
        table.put("suffix", node -> "".equals(node.textValue()));
        table.put("spaces_between_special_tokens", TRUE);
        return Map.copyOf(table);
    }
}
