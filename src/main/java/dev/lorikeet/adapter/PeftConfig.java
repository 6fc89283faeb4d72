package dev.lorikeet.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.store.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// `adapter_config.json` of a LoRA adapter, as far as it changes the arithmetic. Everything else that PEFT writes is either without
/// effect at inference, or refused by name.
///
/// @param rank, alpha of modules that no pattern names @param tokenIndices tokens whose embeddings are replaced
/// @param baseModel `base_model_name_or_path`
public record PeftConfig(int rank, double alpha, boolean rankStabilised, boolean dora, Map<Pattern, Integer> rankPattern,
                         Map<Pattern, Double> alphaPattern, List<Integer> tokenIndices, Biases biases, Optional<String> baseModel) {
    /// Keys that must have one of these values (or be absent or null), since another would mean arithmetic that is not done here.
    private static final Map<String, Set<String>> HARMLESS = Map.ofEntries(Map.entry("bias", Set.of("none", "lora_only", "all")),
            Map.entry("fan_in_fan_out", Set.of("false")), Map.entry("layer_replication", Set.of()), Map.entry("use_qalora", Set.of("false")),
            Map.entry("use_bdlora", Set.of("false")), Map.entry("kasa_config", Set.of()), Map.entry("monteclora_config", Set.of()),
            Map.entry("arrow_config", Set.of()), Map.entry("alora_invocation_tokens", Set.of()), Map.entry("target_parameters", Set.of("[]")));
    /// Keys whose effect is elsewhere in this class, in the tensors themselves, or in training only.
    private static final Set<String> KNOWN = Set.of("peft_type", "r", "lora_alpha", "use_rslora", "use_dora", "rank_pattern", "alpha_pattern",
            "trainable_token_indices", "base_model_name_or_path", "init_lora_weights", "target_modules", "exclude_modules", "layers_to_transform",
            "layers_pattern", "modules_to_save", "lora_bias", "lora_dropout", "inference_mode", "task_type", "auto_mapping", "peft_version",
            "revision", "loftq_config", "eva_config", "corda_config", "lora_ga_config", "megatron_config", "megatron_core", "runtime_config",
            "ensure_weight_tying", "velora_config", "qalora_group_size");
    /// Starting points that change the base as well: the saved matrices fit the changed base only.
    private static final Set<String> CHANGED_BASE = Set.of("olora", "corda", "lora_ga", "loftq");

    /// Which biases are in the file. @param ofB `lora_bias`: B has one of its own @param ofAdapted `bias`: those of adapted modules
    /// @param ofAll those of all modules
    record Biases(boolean ofB, boolean ofAdapted, boolean ofAll) {}

    /// @throws AdapterRefusal, or [dev.lorikeet.store.BadFileException] when the file is missing or not JSON
    public static PeftConfig read(Path folder) {
        var file = JsonFile.read(folder.resolve("adapter_config.json"));
        var root = file.root();
        String type = root.path("peft_type").asText("");
        if (!type.equals("LORA")) {
            throw refusal(file, "`peft_type` is `" + type + "`; only LORA adapters can be served");
        }
        root.properties().forEach(field -> checkKnown(file, field.getKey(), field.getValue()));
        String init = root.path("init_lora_weights").asText("true");
        if (CHANGED_BASE.contains(init) || init.startsWith("pissa")) {
            throw refusal(file, "`init_lora_weights` is `" + init + "`: training began by changing the base, so the adapter does not fit the base "
                    + "as it is; save it with PEFT's path_initial_model_for_weight_conversion");
        }
        return new PeftConfig(file.integer("r", 1).orElse(8), file.number("lora_alpha", alpha -> alpha > 0, "> 0").orElse(8),
                file.bool("use_rslora").orElse(false), file.bool("use_dora").orElse(false), patterns(file, "rank_pattern", JsonNode::intValue),
                patterns(file, "alpha_pattern", JsonNode::doubleValue), tokenIndices(file, root.path("trainable_token_indices")), biases(file),
                file.string("base_model_name_or_path").filter(name -> !name.isBlank()));
    }

    private static void checkKnown(JsonFile file, String key, JsonNode value) {
        if (KNOWN.contains(key) || value.isNull()) {
            return;
        }
        var harmless = HARMLESS.get(key);
        boolean neutral = value.isBoolean() && !value.booleanValue() || value.isContainerNode() && value.isEmpty();
        if (harmless == null ? !neutral : !harmless.contains(value.isTextual() ? value.textValue() : value.toString())) {
            throw refusal(file, "`" + key + "` is " + value + ", which " + (harmless == null ? "is not known here and may change" : "changes")
                    + " the arithmetic in a way that is not supported");
        }
    }

    private static <T> Map<Pattern, T> patterns(JsonFile file, String field, Function<JsonNode, T> read) {
        var patterns = new LinkedHashMap<Pattern, T>();
        for (var entry : file.at(field).properties()) {
            if (!entry.getValue().isNumber() || entry.getValue().doubleValue() <= 0) {
                throw refusal(file, "`" + field + "." + entry.getKey() + "` must be a positive number");
            }
            try {
                patterns.put(Pattern.compile("(.*\\.)?(" + entry.getKey() + ")"), read.apply(entry.getValue()));
            } catch (PatternSyntaxException e) {
                throw refusal(file, "`" + field + "` has the key `" + entry.getKey() + "`, which is not a regular expression");
            }
        }
        return patterns;
    }

    private static Biases biases(JsonFile file) {
        String stored = file.string("bias").orElse("none");
        return new Biases(file.bool("lora_bias").orElse(false), !stored.equals("none"), stored.equals("all"));
    }

    /// A list, or an object from a module to a list.
    private static List<Integer> tokenIndices(JsonFile file, JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return List.of();
        }
        if (!node.isObject()) {
            return ints(file, node);
        }
        if (node.size() > 1) {
            throw refusal(file, "`trainable_token_indices` names several modules; rows of single tokens are supported for embed_tokens only");
        }
        var ids = List.<Integer>of();
        for (var field : node.properties()) {
            if (!field.getKey().matches("(.*\\.)?embed_tokens")) {
                throw refusal(file, "`trainable_token_indices` names `" + field.getKey() + "`; rows of single tokens are supported for embed_tokens only");
            }
            ids = ints(file, field.getValue());
        }
        return ids;
    }

    private static List<Integer> ints(JsonFile file, JsonNode array) {
        if (!array.isArray()) {
            throw refusal(file, "`trainable_token_indices` has " + array + " where a list of token ids must be");
        }
        var values = new ArrayList<Integer>();
        for (var value : array) {
            if (!value.isInt() || value.intValue() < 0) {
                throw refusal(file, "`trainable_token_indices` must hold token ids");
            }
            values.add(value.intValue());
        }
        return values;
    }

    private static AdapterRefusal refusal(JsonFile file, String message) {
        return new AdapterRefusal(file.file() + ": " + message);
    }

    int rankOf(String module) {
        return first(rankPattern, module).orElse(rank);
    }

    /// The factor on B · A of a module: α / r, with rank stabilisation α / √r (Kalajdzievski, 2023).
    public double scaleOf(String module) {
        double own = first(alphaPattern, module).orElse(alpha);
        return own / (rankStabilised ? Math.sqrt(rankOf(module)) : rankOf(module));
    }

    private static <T> Optional<T> first(Map<Pattern, T> patterns, String module) {
        return patterns.entrySet().stream().filter(entry -> entry.getKey().matcher(module).matches()).map(Map.Entry::getValue).findFirst();
    }
}
