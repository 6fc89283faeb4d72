package dev.lorikeet.model;

/// Rotary position embedding: which angle each pair of a head's features turns by, per position.
///
/// Sources: Su et al. 2021; `transformers` `modeling_rope_utils.py`.
public sealed interface Rope {
    double theta();

    /// Fraction of a head's features that turn; the rest stay as they are.
    double partialRotaryFactor();

    record Default(double theta, double partialRotaryFactor) implements Rope {}

    /// Positions are divided by `factor` (position interpolation, Chen et al. 2023).
    record Linear(double theta, double partialRotaryFactor, double factor) implements Rope {}

    /// Low frequencies are divided by `factor`, high ones kept, those between blended (Llama 3.1).
    record Llama3(double theta, double partialRotaryFactor, double factor, double lowFreqFactor, double highFreqFactor,
                  double originalMaxPositionEmbeddings) implements Rope {}

    /// Features of a head of `headDim` that turn; even.
    default int rotaryDim(int headDim) {
        return (int) (headDim * partialRotaryFactor());
    }

    /// Radians per position, shape `[rotaryDim / 2]`.
    default float[] inverseFrequencies(int headDim) {
        int dim = rotaryDim(headDim);
        var frequencies = new float[dim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            double plain = 1.0 / Math.pow(theta(), 2.0 * i / dim);
            frequencies[i] = (float) switch (this) {
                case Default _ -> plain;
                case Linear linear -> plain / linear.factor();
                case Llama3 llama3 -> scale(llama3, plain);
            };
        }
        return frequencies;
    }

    private static double scale(Llama3 rope, double frequency) {
        double wavelength = 2 * Math.PI / frequency;
        double lowWavelength = rope.originalMaxPositionEmbeddings() / rope.lowFreqFactor();
        double highWavelength = rope.originalMaxPositionEmbeddings() / rope.highFreqFactor();
        if (wavelength > lowWavelength) {
            return frequency / rope.factor();
        }
        if (wavelength < highWavelength) {
            return frequency;
        }
        double smooth = (rope.originalMaxPositionEmbeddings() / wavelength - rope.lowFreqFactor()) / (rope.highFreqFactor() - rope.lowFreqFactor());
        return (1 - smooth) * frequency / rope.factor() + smooth * frequency;
    }

    /// Reads one rope from `rope_parameters` (transformers 5) or from `rope_theta` and `rope_scaling` (older files).
    ///
    /// @throws dev.lorikeet.store.BadFileException naming a rope type that is not supported
    static Rope read(ConfigJson config, double defaultTheta) {
        // Where a file has both, transformers takes the older field.
        var parameters = config.object("rope_scaling").or(() -> config.object("rope_parameters"));
        double partial = config.number("partial_rotary_factor", 1);
        double newTheta = config.object("rope_parameters").map(p -> p.number("rope_theta", defaultTheta)).orElse(defaultTheta);
        double theta = config.number("rope_theta", newTheta);
        return parameters.map(p -> read(p, p.number("rope_theta", theta), p.number("partial_rotary_factor", partial)))
                .orElseGet(() -> new Default(theta, partial));
    }

    /// Reads one rope from its own object.
    static Rope read(ConfigJson rope, double theta, double partial) {
        String type = rope.optionalText("rope_type").or(() -> rope.optionalText("type")).orElse("default");
        return switch (type) {
            case "default" -> new Default(theta, partial);
            case "linear" -> new Linear(theta, partial, rope.number("factor"));
            case "llama3" -> new Llama3(theta, partial, rope.number("factor"), rope.number("low_freq_factor"), rope.number("high_freq_factor"),
                    rope.number("original_max_position_embeddings"));
            default -> throw rope.bad("rope_type", "is `" + type + "`, which is not supported (supported: default, linear, llama3)");
        };
    }
}
