package dev.lorikeet.job;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// OpenAI's numbers; an empty one is `"auto"`. @param beta of the method `dpo` alone
public record Hyperparameters(OptionalInt epochs, OptionalInt batchSize, OptionalDouble learningRateMultiplier, OptionalDouble beta) {
    public static final Hyperparameters AUTO = new Hyperparameters(OptionalInt.empty(), OptionalInt.empty(), OptionalDouble.empty(),
            OptionalDouble.empty());

    public Hyperparameters {
        // Jobs that were written before there was one have none.
        beta = beta == null ? OptionalDouble.empty() : beta;
        if (epochs.isPresent() && epochs.getAsInt() < 1 || batchSize.isPresent() && batchSize.getAsInt() < 1
                || learningRateMultiplier.isPresent() && !(learningRateMultiplier.getAsDouble() > 0)
                || beta.isPresent() && !(beta.getAsDouble() > 0)) {
            throw new IllegalArgumentException("n_epochs, batch_size, learning_rate_multiplier and beta must be above zero");
        }
    }

    static Hyperparameters of(int epochs, int batchSize, double learningRateMultiplier, OptionalDouble beta) {
        return new Hyperparameters(OptionalInt.of(epochs), OptionalInt.of(batchSize), OptionalDouble.of(learningRateMultiplier), beta);
    }

    /// The value of a number that is known, as JSON has it, or empty for `"auto"`.
    public Optional<Number> number(String name) {
        return switch (name) {
            case "n_epochs" -> epochs.stream().<Number>mapToObj(n -> n).findFirst();
            case "batch_size" -> batchSize.stream().<Number>mapToObj(n -> n).findFirst();
            case "learning_rate_multiplier" -> learningRateMultiplier.stream().<Number>mapToObj(n -> n).findFirst();
            case "beta" -> beta.stream().<Number>mapToObj(n -> n).findFirst();
            default -> throw new IllegalArgumentException(name);
        };
    }
}
