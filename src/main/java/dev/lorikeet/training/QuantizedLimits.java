package dev.lorikeet.training;

import dev.lorikeet.model.LoadedModel;
import java.util.Set;

/// What cannot be trained on a base in fewer bits.
final class QuantizedLimits {
    private QuantizedLimits() {}

    /// @param saved the modules that are trained whole @throws TrainingRefusal naming the option
    static void require(LoadedModel base, LoraOptions options, Set<String> saved) {
        var scheme = base.plan().quantization();
        if (scheme.isEmpty()) {
            return;
        }
        if (options.frozenRank() > 0) {
            throw new TrainingRefusal("init_lora_weights", "is pissa, which takes the weights of the base apart, but they are quantised (" + scheme.get().name()
                    + "); choose true or gaussian");
        }
        if (options.useDora() && options.loraDropout() > 0) {
            throw new TrainingRefusal("use_dora", "does not go with `lora_dropout` " + options.loraDropout() + " on a quantised base (" + scheme.get().name()
                    + "): it would multiply by each weight twice; set the dropout to 0");
        }
        saved.stream().filter(module -> base.sites().of(module).stream().anyMatch(site -> base.isQuantized(site.index()))).findFirst().ifPresent(module -> {
            throw new TrainingRefusal("modules_to_save", "matches `" + module + "`, which is quantised (" + scheme.get().name() + ") and cannot be trained whole; "
                    + "use `target_modules` for it");
        });
    }
}
