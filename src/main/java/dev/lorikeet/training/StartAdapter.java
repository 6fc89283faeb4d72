package dev.lorikeet.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.JsonFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The shape of an adapter that training goes on from: rank, scale and modules are its own; only dropout is chosen anew.
record StartAdapter(LoraOptions own) {
    private static final Map<String, String> UNSUPPORTED = Map.of("rank_pattern", "ranks", "alpha_pattern", "scales", "trainable_token_indices",
            "single token rows", "exclude_modules", "excluded modules", "layers_to_transform", "chosen layers");
    private static final LoraOptions DEFAULTS = LoraOptions.read(new OptionReader(new com.fasterxml.jackson.databind.ObjectMapper().createObjectNode()));

    static StartAdapter read(Path folder) {
        var file = JsonFile.read(folder.resolve("adapter_config.json"));
        UNSUPPORTED.forEach((key, what) -> {
            JsonNode value = file.at(key);
            if (!value.isMissingNode() && !(value.isContainerNode() && value.isEmpty())) {
                throw new TrainingRefusal("model", "is an adapter with " + what + " of its own (`" + key + "` in " + file.file()
                        + "); training cannot go on from it");
            }
        });
        var keys = ((ObjectNode) file.root().deepCopy()).retain(LoraOptions.KEYS);
        // How the matrices once began no longer matters.
        keys.remove("init_lora_weights");
        return new StartAdapter(LoraOptions.read(new OptionReader(keys)));
    }

    /// @throws TrainingRefusal if an option asks for another shape
    TrainingOptions applyTo(TrainingOptions options) {
        var asked = options.lora();
        require("r", asked.r(), own.r(), DEFAULTS.r());
        require("lora_alpha", asked.loraAlpha(), own.loraAlpha(), DEFAULTS.loraAlpha());
        require("use_rslora", asked.useRslora(), own.useRslora(), false);
        require("use_dora", asked.useDora(), own.useDora(), false);
        require("bias", asked.bias(), own.bias(), DEFAULTS.bias());
        require("lora_bias", asked.loraBias(), own.loraBias(), false);
        require("init_lora_weights", asked.initLoraWeights(), LoraOptions.Init.DEFAULT, LoraOptions.Init.DEFAULT);
        require("modules_to_save", asked.modulesToSave(), own.modulesToSave(), List.of());
        var shape = new LoraOptions(own.r(), own.loraAlpha(), asked.loraDropout(), own.targetModules(), own.useRslora(), own.useDora(), own.bias(),
                own.loraBias(), LoraOptions.Init.DEFAULT, own.modulesToSave());
        return new TrainingOptions(shape, options.optimization(), options.schedule(), options.batching(), options.evaluation(), options.saving(),
                options.precision(), options.method(), options.neftuneNoiseAlpha(), options.seed());
    }

    private static <T> void require(String option, T asked, T own, T absent) {
        if (!asked.equals(own) && !asked.equals(absent)) {
            throw new TrainingRefusal(option, "is " + asked + ", but training goes on from an adapter that has " + own + "; leave it out");
        }
    }
}
