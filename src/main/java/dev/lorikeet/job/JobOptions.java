package dev.lorikeet.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.training.TrainingMethod;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// Brings OpenAI's hyperparameters and the options of PEFT and TRL together: one sheet of options, under the latter's names.
final class JobOptions {
    /// What the multiplier multiplies if no rate is named: customary for LoRA.
    static final double LEARNING_RATE = 2e-4;
    /// The same for preferences: larger ones drive both answers off.
    static final double PREFERENCE_LEARNING_RATE = 5e-6;
    private static final int EPOCHS = 3;
    private static final int MICRO_BATCH = 8;
    private static final String NUM_EPOCHS = "num_train_epochs";
    private static final String PER_DEVICE = "per_device_train_batch_size";
    private static final String ACCUMULATION = "gradient_accumulation_steps";
    private static final String RATE = "learning_rate";
    private static final String BETA = "beta";

    private final JobMethod method;
    private final Hyperparameters asked;
    private final ObjectNode options;

    private JobOptions(JobMethod method, Hyperparameters asked, ObjectNode options) {
        this.method = method;
        this.asked = asked;
        this.options = options;
    }

    /// @throws JobException.Invalid both name the same thing, and differently
    static TrainingBackend.Options join(JobMethod method, Hyperparameters asked, int seed, ObjectNode given) {
        var sheet = new JobOptions(method, asked, given.deepCopy());
        sheet.options.properties().removeIf(option -> option.getValue().isNull());
        return sheet.join(seed);
    }

    private TrainingBackend.Options join(int seed) {
        if (options.has("seed") && options.get("seed").asLong() != seed) {
            throw invalid("seed", "'seed' is " + seed + " and 'lorikeet.seed' is " + options.get("seed") + "; send one of them.");
        }
        options.put("seed", seed);
        int epochs = epochs();
        int batch = batch();
        double rate = options.path(RATE).isNumber() ? options.get(RATE).doubleValue() : defaultRate();
        double multiplier = asked.learningRateMultiplier().orElse(1);
        if (!options.has(RATE) || asked.learningRateMultiplier().isPresent() && options.get(RATE).isNumber()) {
            options.put(RATE, rate * multiplier);
        }
        return new TrainingBackend.Options(options, Hyperparameters.of(epochs, batch, multiplier, beta()));
    }

    private double defaultRate() {
        return switch (method) {
            case SUPERVISED -> LEARNING_RATE;
            case DPO -> PREFERENCE_LEARNING_RATE;
        };
    }

    private OptionalDouble beta() {
        if (method == JobMethod.SUPERVISED) {
            return OptionalDouble.empty();
        }
        JsonNode given = options.path(BETA);
        if (asked.beta().isPresent() && given.isNumber() && given.doubleValue() != asked.beta().getAsDouble()) {
            throw invalid("lorikeet." + BETA, "'beta' is " + asked.beta().getAsDouble() + " and 'lorikeet." + BETA + "' is " + given + "; send one of them.");
        }
        if (given.isMissingNode()) {
            options.put(BETA, asked.beta().orElse(TrainingMethod.Dpo.DEFAULT_BETA));
        }
        return options.get(BETA).doubleValue() > 0 ? OptionalDouble.of(options.get(BETA).doubleValue()) : OptionalDouble.empty();
    }

    private int epochs() {
        if (asked.epochs().isPresent()) {
            if (options.has(NUM_EPOCHS) && options.get(NUM_EPOCHS).doubleValue() != asked.epochs().getAsInt()) {
                throw invalid("lorikeet." + NUM_EPOCHS, "'n_epochs' is " + asked.epochs().getAsInt() + " and 'lorikeet." + NUM_EPOCHS + "' is "
                        + options.get(NUM_EPOCHS) + "; send one of them.");
            }
            options.put(NUM_EPOCHS, asked.epochs().getAsInt());
        }
        JsonNode epochs = options.path(NUM_EPOCHS);
        return epochs.isNumber() && epochs.doubleValue() > 0 ? (int) Math.min(Integer.MAX_VALUE, Math.ceil(epochs.doubleValue())) : EPOCHS;
    }

    /// OpenAI's batch is what one step of the optimizer learns from: micro-batch × accumulation.
    private int batch() {
        OptionalInt perDevice = positive(PER_DEVICE);
        OptionalInt accumulation = positive(ACCUMULATION);
        if (asked.batchSize().isEmpty()) {
            return perDevice.orElse(MICRO_BATCH) * accumulation.orElse(1);
        }
        int batch = asked.batchSize().getAsInt();
        int micro = perDevice.orElse(accumulation.isPresent() ? batch / accumulation.getAsInt() : largestDivisor(batch));
        int passes = accumulation.orElse(micro == 0 ? 0 : batch / micro);
        if (micro * passes != batch) {
            throw invalid("lorikeet." + (perDevice.isPresent() ? PER_DEVICE : ACCUMULATION), "'batch_size' is " + batch + ", which '" + PER_DEVICE + "' × '"
                    + ACCUMULATION + "' cannot be with the values sent.");
        }
        options.put(PER_DEVICE, micro).put(ACCUMULATION, passes);
        return batch;
    }

    private OptionalInt positive(String name) {
        JsonNode value = options.path(name);
        return value.isInt() && value.intValue() > 0 ? OptionalInt.of(value.intValue()) : OptionalInt.empty();
    }

    private static int largestDivisor(int batch) {
        int divisor = Math.min(batch, MICRO_BATCH);
        while (batch % divisor != 0) {
            divisor--;
        }
        return divisor;
    }

    private static JobException.Invalid invalid(String param, String message) {
        return new JobException.Invalid(param, message);
    }
}
