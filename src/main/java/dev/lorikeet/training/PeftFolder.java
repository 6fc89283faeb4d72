package dev.lorikeet.training;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.model.SafetensorsWriter;
import dev.lorikeet.model.SafetensorsWriter.Item;
import dev.lorikeet.store.AtomicFile;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.training.LoraOptions.Init;
import dev.lorikeet.training.LoraOptions.TargetModules;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Writes an adapter as `peft` 0.21 does: `adapter_model.safetensors` and `adapter_config.json`.
final class PeftFolder {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final List<String> NULL_KEYS = List.of("alora_invocation_tokens", "arrow_config", "auto_mapping", "corda_config", "eva_config",
            "exclude_modules", "kasa_config", "layer_replication", "layers_pattern", "layers_to_transform", "lora_ga_config", "megatron_config",
            "monteclora_config", "revision", "target_parameters", "trainable_token_indices", "use_bdlora", "velora_config");

    private final LoraOptions options;
    private final String baseModel;
    private final Set<String> adapted;

    /// @param baseModel written as `base_model_name_or_path`
    PeftFolder(LoraOptions options, String baseModel, Set<String> adapted) {
        this.options = options;
        this.baseModel = baseModel;
        this.adapted = adapted;
    }

    void write(Path folder, Map<TrainedTensor, float[]> values) throws IOException {
        writeTensors(folder.resolve("adapter_model.safetensors"), values);
        AtomicFile.write(folder.resolve("adapter_config.json"), pretty(config()));
    }

    private static void writeTensors(Path file, Map<TrainedTensor, float[]> values) throws IOException {
        SafetensorsWriter.write(file, values.entrySet().stream().map(each -> floats(each.getKey().key(), each.getValue(), each.getKey().shape())).toList(),
                Map.of());
    }

    static Item floats(String name, float[] values, long... shape) {
        return new Item(name, ElementType.FLOAT32, shape, arena -> arena.allocateFrom(FLOAT, values));
    }

    static String pretty(JsonNode json) throws IOException {
        var printer = new DefaultPrettyPrinter();
        printer.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
        return JSON.writer(printer).writeValueAsString(JSON.treeToValue(json, Object.class)) + "\n";
    }

    private ObjectNode config() {
        ObjectNode config = JSON.createObjectNode();
        NULL_KEYS.forEach(config::putNull);
        config.put("base_model_name_or_path", baseModel).put("bias", options.bias().peftName()).put("ensure_weight_tying", false)
                .put("fan_in_fan_out", false).put("inference_mode", true).put("lora_bias", options.loraBias()).put("lora_dropout", options.loraDropout())
                .put("megatron_core", "megatron.core").put("peft_type", "LORA").put("peft_version", "0.21.0").put("qalora_group_size", 16)
                .put("r", options.storedRank()).put("task_type", "CAUSAL_LM").put("use_dora", options.useDora()).put("use_qalora", false)
                .put("use_rslora", options.useRslora());
        putNumber(config, "lora_alpha", options.storedAlpha());
        config.putObject("alpha_pattern");
        config.putObject("rank_pattern");
        config.putObject("loftq_config");
        if (options.initLoraWeights() == Init.GAUSSIAN) {
            config.put("init_lora_weights", "gaussian");
        } else {
            config.put("init_lora_weights", true);
        }
        putModules(config);
        return config;
    }

    private static void putNumber(ObjectNode config, String key, double number) {
        if (number == Math.rint(number)) {
            config.put(key, (long) number);
        } else {
            config.put(key, number);
        }
    }

    private void putModules(ObjectNode config) {
        if (options.modulesToSave().isEmpty()) {
            config.putNull("modules_to_save");
        } else {
            var saved = config.putArray("modules_to_save");
            options.modulesToSave().forEach(saved::add);
        }
        var targets = config.putArray("target_modules");
        if (options.targetModules() instanceof TargetModules.Names(var names)) {
            names.forEach(targets::add);
        } else if (options.targetModules() instanceof TargetModules.Regex) {
            // PEFT would look for what the expression matches in the modules around these, too, and refuse what it finds there.
            new TreeSet<>(adapted).forEach(targets::add);
        } else {
            var names = new TreeSet<String>();
            adapted.forEach(module -> names.add(module.substring(module.lastIndexOf('.') + 1)));
            names.forEach(targets::add);
        }
    }
}
