package dev.lorikeet.training;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/// Everything that decides how an adapter is trained. Names and defaults are those of PEFT's `LoraConfig`, TRL's `SFTConfig` and `DPOConfig`,
/// and transformers' `TrainingArguments`.
///
/// @param neftuneNoiseAlpha noise on the embeddings, α / √(length · hidden) (Jain et al., 2023)
public record TrainingOptions(LoraOptions lora, Optimization optimization, Schedule schedule, Batching batching, Evaluation evaluation, Saving saving,
                              Precision precision, TrainingMethod method, OptionalDouble neftuneNoiseAlpha, long seed) {

    /// The arithmetic of an update.
    public enum Optimizer {
        ADAMW, ADAMW_8BIT, SGD, ADAFACTOR
    }

    /// @param maxGradNorm gradients longer than this are shortened to it; 0: never
    public record Optimization(Optimizer optimizer, String optim, double learningRate, double weightDecay, double beta1, double beta2, double epsilon,
                               double maxGradNorm) {
        static final List<String> KEYS = List.of("optim", "learning_rate", "weight_decay", "adam_beta1", "adam_beta2", "adam_epsilon", "max_grad_norm");
        /// Paging and fusing change where moments lie and how fast they are, not what is computed.
        static final Map<String, Optimizer> OPTIMIZERS = Map.of("adamw_torch", Optimizer.ADAMW, "adamw_torch_fused", Optimizer.ADAMW, "paged_adamw_32bit",
                Optimizer.ADAMW, "adamw_8bit", Optimizer.ADAMW_8BIT, "paged_adamw_8bit", Optimizer.ADAMW_8BIT, "adamw_bnb_8bit", Optimizer.ADAMW_8BIT,
                "sgd", Optimizer.SGD, "adafactor", Optimizer.ADAFACTOR);

        static Optimization read(OptionReader options) {
            var optimizer = options.choice("optim", Optimizer.ADAMW, OPTIMIZERS);
            String name = options.has("optim") ? options.node("optim").textValue() : "adamw_torch";
            return new Optimization(optimizer, name, options.number("learning_rate", 2e-5, rate -> rate >= 0, "a number ≥ 0"),
                    options.number("weight_decay", 0, decay -> decay >= 0, "a number ≥ 0"),
                    options.number("adam_beta1", 0.9, beta -> beta >= 0 && beta < 1, "a number from 0 to below 1"),
                    options.number("adam_beta2", 0.999, beta -> beta >= 0 && beta < 1, "a number from 0 to below 1"),
                    options.number("adam_epsilon", 1e-8, epsilon -> epsilon > 0, "a number > 0"),
                    options.number("max_grad_norm", 1, norm -> norm >= 0, "a number ≥ 0 (0: never clip)"));
        }
    }

    /// How the learning rate goes, as `transformers` computes it.
    public enum Scheduler {
        COSINE, LINEAR, CONSTANT, CONSTANT_WITH_WARMUP, POLYNOMIAL, COSINE_WITH_RESTARTS
    }

    /// @param maxSteps overrides `epochs` @param warmupSteps takes precedence over `warmupRatio`
    public record Schedule(Scheduler scheduler, String name, double warmupRatio, int warmupSteps, double epochs, OptionalInt maxSteps) {
        static final List<String> KEYS = List.of("lr_scheduler_type", "warmup_ratio", "warmup_steps", "num_train_epochs", "max_steps");
        private static final Map<String, Scheduler> SCHEDULERS = Map.of("cosine", Scheduler.COSINE, "linear", Scheduler.LINEAR, "constant",
                Scheduler.CONSTANT, "constant_with_warmup", Scheduler.CONSTANT_WITH_WARMUP, "polynomial", Scheduler.POLYNOMIAL, "cosine_with_restarts",
                Scheduler.COSINE_WITH_RESTARTS);

        static Schedule read(OptionReader options) {
            var scheduler = options.choice("lr_scheduler_type", Scheduler.LINEAR, SCHEDULERS);
            int maxSteps = options.integer("max_steps", -1, -1);
            if (maxSteps == 0) {
                throw new TrainingRefusal("max_steps", "is 0; it must be at least 1, or absent for whole epochs");
            }
            return new Schedule(scheduler, options.has("lr_scheduler_type") ? options.node("lr_scheduler_type").textValue() : "linear",
                    options.number("warmup_ratio", 0, ratio -> ratio >= 0 && ratio <= 1, "a number from 0 to 1"), options.integer("warmup_steps", 0, 0),
                    options.number("num_train_epochs", 3, epochs -> epochs > 0, "a number > 0"),
                    maxSteps < 0 ? OptionalInt.empty() : OptionalInt.of(maxSteps));
        }
    }

    /// @param batchSize, evalBatchSize rows of a micro-batch, or packs if `packing`
    /// @param gradientCheckpointing whether each layer is computed a second time in the backward pass, which saves memory
    /// @param maxSeqLength the longest row, and the length of a pack
    public record Batching(int batchSize, int evalBatchSize, int accumulation, boolean gradientCheckpointing, boolean packing, boolean groupByLength,
                           int maxSeqLength) {
        static final List<String> KEYS = List.of("per_device_train_batch_size", "per_device_eval_batch_size", "gradient_accumulation_steps",
                "gradient_checkpointing", "packing", "group_by_length", "max_seq_length");

        static Batching read(OptionReader options) {
            return new Batching(options.integer("per_device_train_batch_size", 8, 1), options.integer("per_device_eval_batch_size", 8, 1),
                    options.integer("gradient_accumulation_steps", 1, 1), options.bool("gradient_checkpointing", true), options.bool("packing", false),
                    options.bool("group_by_length", false), options.integer("max_seq_length", 1024, 2));
        }
    }

    /// When something is done: never, every so many steps, or at the end of each epoch.
    public enum Strategy {
        NO, STEPS, EPOCH
    }

    private static final Map<String, Strategy> STRATEGIES = Map.of("no", Strategy.NO, "steps", Strategy.STEPS, "epoch", Strategy.EPOCH);

    /// @param steps below 1: a share of all steps @param patience evaluations without improvement after which training ends
    /// @param threshold an improvement must be more than this
    public record Evaluation(Strategy strategy, double steps, OptionalInt patience, double threshold, boolean loadBestModelAtEnd) {
        static final List<String> KEYS = List.of("eval_strategy", "eval_steps", "early_stopping_patience", "early_stopping_threshold",
                "load_best_model_at_end");

        static Evaluation read(OptionReader options, double loggingSteps) {
            var strategy = options.choice("eval_strategy", Strategy.NO, STRATEGIES);
            var patience = options.has("early_stopping_patience") ? OptionalInt.of(options.integer("early_stopping_patience", 1, 1)) : OptionalInt.empty();
            if (patience.isPresent() && strategy == Strategy.NO) {
                throw new TrainingRefusal("early_stopping_patience", "is set, but without evaluation nothing can be judged: set `eval_strategy` to steps or epoch");
            }
            boolean best = options.bool("load_best_model_at_end", false);
            if (best && strategy == Strategy.NO) {
                throw new TrainingRefusal("load_best_model_at_end", "is true, but without evaluation none is the best: set `eval_strategy` to steps or epoch");
            }
            return new Evaluation(strategy, interval(options, "eval_steps", loggingSteps), patience,
                    options.number("early_stopping_threshold", 0, threshold -> threshold >= 0, "a number ≥ 0"), best);
        }
    }

    /// @param loggingSteps, steps below 1: a share of all steps @param totalLimit how many checkpoints are kept
    public record Saving(double loggingSteps, Strategy strategy, double steps, OptionalInt totalLimit) {
        static final List<String> KEYS = List.of("logging_steps", "save_strategy", "save_steps", "save_total_limit");

        static Saving read(OptionReader options) {
            return new Saving(interval(options, "logging_steps", 10), options.choice("save_strategy", Strategy.STEPS, STRATEGIES),
                    interval(options, "save_steps", 500),
                    options.has("save_total_limit") ? OptionalInt.of(options.integer("save_total_limit", 1, 1)) : OptionalInt.empty());
        }
    }

    /// What matrices are multiplied in. Trained tensors are kept in float32 always.
    public enum Precision {
        /// The base's type; the default.
        OF_BASE,
        /// The base's type for the base, float32 for what is trained (`bf16` and `fp16` both false).
        NO_AUTOCAST, BFLOAT16, FLOAT16;

        static final List<String> KEYS = List.of("bf16", "fp16");

        static Precision read(OptionReader options) {
            Optional<Boolean> bf16 = options.optionalBool("bf16");
            Optional<Boolean> fp16 = options.optionalBool("fp16");
            if (bf16.orElse(false) && fp16.orElse(false)) {
                throw new TrainingRefusal("fp16", "is true together with `bf16`; choose one of them");
            }
            if (bf16.orElse(false)) {
                return BFLOAT16;
            }
            if (fp16.orElse(false)) {
                return FLOAT16;
            }
            return bf16.isPresent() || fp16.isPresent() ? NO_AUTOCAST : OF_BASE;
        }
    }

    private static final List<String> OTHER_KEYS = List.of("neftune_noise_alpha", "seed");

    public TrainingOptions {
        if (method instanceof TrainingMethod.Dpo && batching.packing()) {
            throw new TrainingRefusal("packing", "is true, but pairs are not packed; leave it out");
        }
        if (lora.frozenRank() > 0 && (optimization.weightDecay() > 0 || optimization.optimizer() == Optimizer.ADAFACTOR)) {
            throw new TrainingRefusal(optimization.weightDecay() > 0 ? "weight_decay" : "optim", "does not go with `init_lora_weights` pissa: choose one of them");
        }
        if (evaluation.loadBestModelAtEnd()) {
            if (saving.strategy() != evaluation.strategy()) {
                throw new TrainingRefusal("load_best_model_at_end", "is true, so that `save_strategy` must be the same as `eval_strategy`");
            }
            double ratio = saving.steps() / evaluation.steps();
            if (saving.strategy() == Strategy.STEPS && Math.abs(ratio - Math.rint(ratio)) > 1e-9) {
                throw new TrainingRefusal("load_best_model_at_end", "is true, so that `save_steps` must be a multiple of `eval_steps`");
            }
        }
    }

    /// The keys that [#read] understands.
    public static Set<String> keys() {
        var keys = new LinkedHashSet<String>();
        List.of(LoraOptions.KEYS, Optimization.KEYS, Schedule.KEYS, Batching.KEYS, Evaluation.KEYS, Saving.KEYS, Precision.KEYS, OTHER_KEYS)
                .forEach(keys::addAll);
        return keys;
    }

    /// @param options an object with some of [#keys()]
    /// @throws TrainingRefusal naming what is unknown, of the wrong type, out of range, or does not go together
    public static TrainingOptions read(JsonNode options) {
        var reader = new OptionReader(options);
        reader.requireKnown(keys());
        return read(reader, new TrainingMethod.Supervised());
    }

    /// The same for the method `dpo`, whose [TrainingMethod.Dpo#KEYS] are understood as well.
    public static TrainingOptions readDpo(JsonNode options) {
        var reader = new OptionReader(options);
        var known = keys();
        known.addAll(TrainingMethod.Dpo.KEYS);
        reader.requireKnown(known);
        return read(reader, TrainingMethod.Dpo.read(reader));
    }

    private static TrainingOptions read(OptionReader reader, TrainingMethod method) {
        var saving = Saving.read(reader);
        var neftune = reader.has("neftune_noise_alpha")
                ? OptionalDouble.of(reader.number("neftune_noise_alpha", 0, alpha -> alpha > 0, "a number > 0")) : OptionalDouble.empty();
        return new TrainingOptions(LoraOptions.read(reader), Optimization.read(reader), Schedule.read(reader), Batching.read(reader),
                Evaluation.read(reader, saving.loggingSteps()), saving, Precision.read(reader), method, neftune, reader.integer("seed", 42, 0));
    }

    private static double interval(OptionReader options, String key, double absent) {
        return options.number(key, absent, steps -> steps > 0 && (steps < 1 || steps == Math.rint(steps)),
                "an integer ≥ 1, or a share of all steps between 0 and 1");
    }
}
