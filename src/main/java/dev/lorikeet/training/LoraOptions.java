package dev.lorikeet.training;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// What the adapter consists of and how it starts, under PEFT's names and with PEFT's defaults.
///
/// @param loraBias whether B has a bias of its own @param modulesToSave modules that are trained whole
public record LoraOptions(int r, double loraAlpha, double loraDropout, TargetModules targetModules, boolean useRslora, boolean useDora, Bias bias,
                          boolean loraBias, Init initLoraWeights, List<String> modulesToSave) {
    /// Which biases of the base are trained.
    public enum Bias {
        NONE, ALL, LORA_ONLY;

        String peftName() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /// How A and B start.
    public enum Init {
        DEFAULT, GAUSSIAN, PISSA
    }

    /// Which modules get matrices.
    public sealed interface TargetModules {
        /// PEFT's choice for the family: the query and value projections.
        record FamilyDefault() implements TargetModules {}

        /// Every linear layer but the output embedding.
        record AllLinear() implements TargetModules {}

        /// Modules that have one of these names or end in a dot and one of them.
        record Names(List<String> names) implements TargetModules {
            public Names {
                names = List.copyOf(names);
            }
        }

        /// Modules whose whole path matches.
        record Regex(Pattern pattern) implements TargetModules {}
    }

    static final List<String> KEYS = List.of("r", "lora_alpha", "lora_dropout", "target_modules", "use_rslora", "use_dora", "bias", "lora_bias",
            "init_lora_weights", "modules_to_save");
    private static final Map<String, Bias> BIASES = Map.of("none", Bias.NONE, "all", Bias.ALL, "lora_only", Bias.LORA_ONLY);
    private static final Map<String, Init> INITS = Map.of("true", Init.DEFAULT, "default", Init.DEFAULT, "gaussian", Init.GAUSSIAN, "pissa", Init.PISSA);

    public LoraOptions {
        modulesToSave = List.copyOf(modulesToSave);
        if (loraBias && useDora) {
            throw new TrainingRefusal("lora_bias", "is true together with `use_dora`; PEFT knows no bias of B with DoRA: leave one out");
        }
        if (loraBias && initLoraWeights != Init.DEFAULT) {
            throw new TrainingRefusal("lora_bias", "is true, but a bias of B goes with `init_lora_weights` true only");
        }
        if (useDora && initLoraWeights == Init.PISSA) {
            throw new TrainingRefusal("use_dora", "is true together with `init_lora_weights` pissa; choose one of them");
        }
        if (initLoraWeights == Init.PISSA && !modulesToSave.isEmpty()) {
            throw new TrainingRefusal("modules_to_save", "is set together with `init_lora_weights` pissa; choose one of them");
        }
    }

    static LoraOptions read(OptionReader options) {
        return new LoraOptions(options.integer("r", 8, 1), options.number("lora_alpha", 8, alpha -> alpha > 0, "a number > 0"),
                options.number("lora_dropout", 0, p -> p >= 0 && p < 1, "a number from 0 to below 1"), targets(options),
                options.bool("use_rslora", false), options.bool("use_dora", false), options.choice("bias", Bias.NONE, BIASES),
                options.bool("lora_bias", false), options.choice("init_lora_weights", Init.DEFAULT, INITS), options.words("modules_to_save"));
    }

    private static TargetModules targets(OptionReader options) {
        String key = "target_modules";
        if (!options.has(key)) {
            return new TargetModules.FamilyDefault();
        }
        if (!options.node(key).isTextual()) {
            return new TargetModules.Names(options.words(key));
        }
        String text = options.node(key).textValue();
        if (text.equals("all-linear")) {
            return new TargetModules.AllLinear();
        }
        try {
            return new TargetModules.Regex(Pattern.compile(text));
        } catch (PatternSyntaxException e) {
            throw new TrainingRefusal(key, "is `" + text + "`; it must be a list of names, \"all-linear\" or a regular expression (" + e.getDescription() + ")");
        }
    }

    /// PiSSA takes the largest parts of each weight out of the base and trains these. The base here is never changed, so what was taken out stays
    /// in the adapter as a second half that is not learned: W + s (B A − B₀ A₀), an ordinary adapter of twice the rank. @return 0 without PiSSA
    int frozenRank() {
        return initLoraWeights == Init.PISSA ? r : 0;
    }

    /// As `adapter_config.json` has it.
    int storedRank() {
        return r + frozenRank();
    }

    /// Gives the same factor with the rank that is stored.
    double storedAlpha() {
        return initLoraWeights != Init.PISSA ? loraAlpha : loraAlpha * (useRslora ? Math.sqrt(2) : 2);
    }

    /// The factor on B · A: α / r, with rank stabilisation α / √r.
    double scale() {
        return loraAlpha / (useRslora ? Math.sqrt(r) : r);
    }
}
