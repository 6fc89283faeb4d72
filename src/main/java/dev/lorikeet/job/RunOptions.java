package dev.lorikeet.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.model.BitsAndBytesNames;
import dev.lorikeet.model.Quantization;
import dev.lorikeet.training.TrainingMethod;
import dev.lorikeet.training.TrainingOptions;
import dev.lorikeet.training.TrainingRefusal;
import dev.lorikeet.training.data.DataOptions;
import dev.lorikeet.training.data.DataRefusal;
import dev.lorikeet.training.data.PreferenceLengths;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The sheet of options of a job, taken apart: for the trainer, for the rows, and for what is done around a training.
///
/// @param lengths of pairs @param heldOut `val_set_size`: rows to hold out of the training file, a share below 1 or a number; 0 holds out none
/// @param tensorboard whether curves are written for TensorBoard @param samples validation prompts that base and adapter answer at the end
/// @param samplePrompts what base and adapter answer at each checkpoint @param sampleTokens of each such answer at most
/// @param push where on the hub the adapter goes @param quantization how the base is to be quantised for it
record RunOptions(TrainingOptions training, DataOptions data, PreferenceLengths lengths, double heldOut, boolean tensorboard, int samples,
                  List<String> samplePrompts, int sampleTokens, Optional<HubAccess.Target> push, Optional<Quantization> quantization) {
    static final String TRAINING_SPLIT = "training_split";
    static final String VALIDATION_SPLIT = "validation_split";
    static final String PUSH = "push_to_hub";
    private static final String REPO = "hub_model_id";
    private static final String PRIVATE = "hub_private_repo";
    private static final String HELD_OUT = "val_set_size";
    private static final String REPORT = "report_to";
    private static final String SAMPLES = "generate_samples";
    private static final String SAMPLE_PROMPTS = "sample_prompts";
    private static final int MOST_PROMPTS = 16;
    private static final String SAMPLE_TOKENS = "generate_max_tokens";
    private static final String LENGTH = "max_seq_length";
    private static final Set<String> OWN = Set.of(HELD_OUT, REPORT, SAMPLES, SAMPLE_PROMPTS, SAMPLE_TOKENS, TRAINING_SPLIT, VALIDATION_SPLIT, PUSH, REPO, PRIVATE);

    private static final Set<String> OF_ANSWERS = Set.of("train_on_inputs", "assistant_only_loss", "mask_history", "prompt_template");

    static RunOptions of(JobSpec spec) {
        return read(spec.method(), spec.options());
    }

    /// @throws JobException.Invalid naming what is unknown, unsupported, of the wrong type, out of range or contradictory
    static RunOptions read(JobMethod method, ObjectNode options) {
        requireOfMethod(method, options);
        var trainer = JobJson.object();
        for (var option : options.properties()) {
            String key = option.getKey();
            boolean forRows = DataOptions.KEYS.contains(key) || PreferenceLengths.KEYS.contains(key);
            if (!OWN.contains(key) && !BitsAndBytesNames.KEYS.contains(key) && (!forRows || TrainingOptions.keys().contains(key))) {
                trainer.set(key, option.getValue());
            }
        }
        try {
            var data = DataOptions.read(options);
            trainer.put(LENGTH, data.maxSeqLength());
            text(options, TRAINING_SPLIT);
            text(options, VALIDATION_SPLIT);
            var training = switch (method) {
                case SUPERVISED -> TrainingOptions.read(trainer);
                case DPO -> TrainingOptions.readDpo(trainer);
            };
            return new RunOptions(training, data, PreferenceLengths.read(options), heldOut(options), tensorboard(options), integer(options, SAMPLES, 0, 1000),
                    samplePrompts(options), integer(options, SAMPLE_TOKENS, 64, 4096), push(options), BitsAndBytesNames.read(options));
        } catch (TrainingRefusal e) {
            throw new JobException.Invalid("lorikeet." + e.option(), e.getMessage());
        } catch (BitsAndBytesNames.Refusal e) {
            throw new JobException.Invalid("lorikeet." + e.field(), e.getMessage());
        } catch (DataRefusal e) {
            throw new JobException.Invalid("lorikeet." + e.getMessage().split(" ")[0], e.getMessage());
        }
    }

    private static void requireOfMethod(JobMethod method, ObjectNode options) {
        for (var option : options.properties()) {
            String key = option.getKey();
            switch (method) {
                case SUPERVISED -> {
                    if (TrainingMethod.Dpo.KEYS.contains(key) || PreferenceLengths.KEYS.contains(key)) {
                        throw invalid(key, "is an option of the method dpo; set `method` to {\"type\": \"dpo\"}, or leave it out");
                    }
                }
                case DPO -> {
                    if (OF_ANSWERS.contains(key)) {
                        throw invalid(key, "is an option of the method supervised; of pairs the answers are learned: leave it out");
                    }
                }
            }
        }
    }

    private static Optional<HubAccess.Target> push(ObjectNode options) {
        Optional<String> repo = text(options, REPO);
        boolean isPrivate = flag(options, PRIVATE, true);
        if (!flag(options, PUSH, false)) {
            if (repo.isPresent() || options.has(PRIVATE)) {
                throw invalid(repo.isPresent() ? REPO : PRIVATE, "is set, but `" + PUSH + "` is not true; set it, or leave both out");
            }
            return Optional.empty();
        }
        String name = repo.orElseThrow(() -> invalid(PUSH, "is true, but `" + REPO + "` does not say where to; set it to owner/name"));
        if (!name.matches("[\\w.-]+/[\\w.-]+")) {
            throw invalid(REPO, "is '" + name + "'; it must be owner/name");
        }
        return Optional.of(new HubAccess.Target(name, isPrivate));
    }

    private static List<String> samplePrompts(ObjectNode options) {
        JsonNode value = options.path(SAMPLE_PROMPTS);
        if (value.isMissingNode()) {
            return List.of();
        }
        if (!value.isArray() || value.size() > MOST_PROMPTS || value.valueStream().anyMatch(prompt -> !prompt.isTextual() || prompt.textValue().isBlank())) {
            throw invalid(SAMPLE_PROMPTS, "is " + value + "; it must be a list of up to " + MOST_PROMPTS + " texts that are not empty");
        }
        return value.valueStream().map(JsonNode::textValue).toList();
    }

    private static boolean flag(ObjectNode options, String key, boolean absent) {
        JsonNode value = options.path(key);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw invalid(key, "is " + value + "; it must be true or false");
        }
        return value.isMissingNode() ? absent : value.booleanValue();
    }

    private static Optional<String> text(ObjectNode options, String key) {
        JsonNode value = options.path(key);
        if (!value.isMissingNode() && (!value.isTextual() || value.textValue().isBlank())) {
            throw invalid(key, "is " + value + "; it must be a text that is not empty");
        }
        return Optional.ofNullable(value.textValue());
    }

    private static double heldOut(ObjectNode options) {
        JsonNode value = options.path(HELD_OUT);
        if (value.isMissingNode()) {
            return 0;
        }
        double size = value.doubleValue();
        if (!value.isNumber() || !(size >= 0) || size >= 1 && size != Math.rint(size)) {
            throw invalid(HELD_OUT, "is " + value + "; it must be a share below 1 or a whole number of rows");
        }
        return size;
    }

    private static boolean tensorboard(ObjectNode options) {
        JsonNode value = options.path(REPORT);
        List<String> names = value.isArray() ? value.valueStream().map(JsonNode::asText).toList() : value.isMissingNode() ? List.of() : List.of(value.asText());
        Optional<String> unknown = names.stream().filter(name -> !name.equals("tensorboard") && !name.equals("none")).findFirst();
        if (unknown.isPresent()) {
            throw invalid(REPORT, "is " + value + "; it must be tensorboard or none");
        }
        return names.contains("tensorboard");
    }

    private static int integer(ObjectNode options, String key, int absent, int max) {
        JsonNode value = options.path(key);
        if (value.isMissingNode()) {
            return absent;
        }
        if (!value.isInt() || value.intValue() < 0 || value.intValue() > max) {
            throw invalid(key, "is " + value + "; it must be an integer from 0 to " + max);
        }
        return value.intValue();
    }

    private static JobException.Invalid invalid(String key, String rule) {
        return new JobException.Invalid("lorikeet." + key, "`" + key + "` " + rule);
    }
}
