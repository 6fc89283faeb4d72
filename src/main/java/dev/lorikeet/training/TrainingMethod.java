package dev.lorikeet.training;

import dev.lorikeet.training.PreferenceLoss.Type;
import java.util.List;
import java.util.Map;

/// What is learned from a row.
public sealed interface TrainingMethod {
    /// To say what the row says.
    record Supervised() implements TrainingMethod {}

    /// To prefer one answer to another (Rafailov et al., 2023). Names and defaults are those of TRL's `DPOConfig`.
    ///
    /// @param rpoAlpha weight of the chosen answers' mean negative log-likelihood beside the loss of the pairs (Pang et al., 2024); 0: none
    /// @param referenceFree the reference finds all answers equally likely
    /// @param precompute the reference's log-probabilities are computed for all pairs before the first step
    record Dpo(PreferenceLoss loss, double rpoAlpha, boolean referenceFree, boolean precompute) implements TrainingMethod {
        /// What [#read] understands.
        public static final List<String> KEYS = List.of("beta", "loss_type", "label_smoothing", "reference_free", "precompute_ref_log_probs", "rpo_alpha");
        public static final double DEFAULT_BETA = 0.1;
        private static final Map<String, Type> TYPES = Map.of("sigmoid", Type.SIGMOID, "hinge", Type.HINGE, "ipo", Type.IPO, "robust", Type.ROBUST);

        public Dpo {
            if (loss.labelSmoothing() > 0 && (loss.type() == Type.HINGE || loss.type() == Type.IPO)) {
                throw new TrainingRefusal("label_smoothing", "is " + loss.labelSmoothing() + ", but `loss_type` "
                        + loss.type().name().toLowerCase(java.util.Locale.ROOT) + " has none; leave it out, or choose sigmoid or robust");
            }
            if (referenceFree && precompute) {
                throw new TrainingRefusal("precompute_ref_log_probs", "is true together with `reference_free`, where there is no reference; leave one out");
            }
        }

        static Dpo read(OptionReader options) {
            double smoothing = options.number("label_smoothing", 0, share -> share >= 0 && share < 0.5, "a number from 0 to below 0.5");
            double beta = options.number("beta", DEFAULT_BETA, value -> value > 0, "a number > 0");
            return new Dpo(new PreferenceLoss(type(options), beta, smoothing),
                    options.number("rpo_alpha", 0, alpha -> alpha >= 0, "a number ≥ 0"), options.bool("reference_free", false),
                    options.bool("precompute_ref_log_probs", false));
        }

        /// TRL takes a list, too; several losses at once there are none here but by `rpo_alpha`.
        private static Type type(OptionReader options) {
            if (!options.has("loss_type")) {
                return Type.SIGMOID;
            }
            var names = options.words("loss_type");
            if (names.size() > 1 || !TYPES.containsKey(names.getFirst())) {
                throw new TrainingRefusal("loss_type", "is " + options.node("loss_type") + "; it must be one of " + String.join(", ", TYPES.keySet().stream().sorted().toList())
                        + " (for TRL's `sft` beside it, set `rpo_alpha`)");
            }
            return TYPES.get(names.getFirst());
        }
    }
}
