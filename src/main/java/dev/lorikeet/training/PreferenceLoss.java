package dev.lorikeet.training;

import dev.lorikeet.training.data.Example;
import dev.lorikeet.training.data.PreferencePair;

/// The loss of a pair, as TRL's `DPOTrainer` computes it, with its slope.
///
/// @param beta how much a change from the reference counts; τ of IPO
/// @param labelSmoothing the share of pairs that are taken to be the wrong way round (`SIGMOID`: Mitchell, 2023; `ROBUST`: Chowdhury et al., 2024)
record PreferenceLoss(Type type, double beta, double labelSmoothing) {
    /// Where it comes from.
    enum Type {
        /// Rafailov et al., 2023.
        SIGMOID,
        /// SLiC: Zhao et al., 2023.
        HINGE,
        /// Azar et al., 2024, with log-ratios per token.
        IPO,
        /// Unbiased under flipped labels: Chowdhury et al., 2024.
        ROBUST
    }

    /// A loss, and how it changes with the log-probability of each answer.
    record Value(double loss, double chosenSlope, double rejectedSlope) {}

    private record Point(double loss, double slope) {}

    /// @param chosenRatio, rejectedRatio how much likelier an answer is than for the reference, as a logarithm
    Value of(PreferencePair pair, double chosenRatio, double rejectedRatio) {
        double chosenShare = share(pair.chosen());
        double rejectedShare = share(pair.rejected());
        var point = at(chosenRatio * chosenShare - rejectedRatio * rejectedShare);
        return new Value(point.loss(), point.slope() * chosenShare, -point.slope() * rejectedShare);
    }

    private double share(Example answer) {
        return type == Type.IPO ? 1.0 / answer.learnedTokens() : 1;
    }

    private Point at(double margin) {
        double z = beta * margin;
        double wrong = labelSmoothing;
        return switch (type) {
            case SIGMOID -> new Point(-(1 - wrong) * logSigmoid(z) - wrong * logSigmoid(-z), beta * (wrong * sigmoid(z) - (1 - wrong) * sigmoid(-z)));
            case ROBUST -> new Point((-(1 - wrong) * logSigmoid(z) + wrong * logSigmoid(-z)) / (1 - 2 * wrong),
                    -beta * (wrong * sigmoid(z) + (1 - wrong) * sigmoid(-z)) / (1 - 2 * wrong));
            case HINGE -> new Point(Math.max(0, 1 - z), z < 1 ? -beta : 0);
            case IPO -> new Point(square(margin - 1 / (2 * beta)), 2 * (margin - 1 / (2 * beta)));
        };
    }

    private static double square(double x) {
        return x * x;
    }

    private static double sigmoid(double z) {
        return 1 / (1 + Math.exp(-z));
    }

    private static double logSigmoid(double z) {
        return Math.min(z, 0) - Math.log1p(Math.exp(-Math.abs(z)));
    }
}
