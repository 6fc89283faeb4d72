package dev.lorikeet.merge;

import dev.lorikeet.adapter.Adapter;
import dev.lorikeet.adapter.AdapterTable;
import dev.lorikeet.adapter.AdapterTable.WeightedSum;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.StepBatch;
import dev.lorikeet.model.StepBatch.AdapterRows;
import dev.lorikeet.model.StepBatch.Chunk;
import dev.lorikeet.model.StepBatch.LogitRows;
import dev.lorikeet.tensor.ElementType;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.DoubleConsumer;

/// Compares a merged checkpoint, loaded from its files, with the base and the adapter apart: the logits after every token of a few
/// prompts of random tokens.
public final class MergeVerification {
    private static final int PROMPTS = 4;
    static final int PROMPT_LENGTH = 32;

    private final LoadedModel base;
    private final Adapter adapter;
    private final int[][] prompts = new int[PROMPTS][PROMPT_LENGTH];

    /// All numbers are root mean squares over every logit, relative to the spread of the logits themselves.
    ///
    /// @param difference between merged and apart @param effect between apart and the base alone @param tolerance that `difference` may reach
    public record Result(double difference, double effect, double tolerance) {
        /// Besides staying within the tolerance, the merged model must be nearer to the adapter than to the base, unless the adapter
        /// does less than rounding does.
        boolean holds() {
            return difference <= tolerance && (effect <= tolerance || difference < effect / 2);
        }
    }

    /// @param tokens that must occur in the prompts
    MergeVerification(LoadedModel base, Adapter adapter, List<Integer> tokens) {
        this.base = base;
        this.adapter = adapter;
        var random = new SplittableRandom(1);
        for (int[] prompt : prompts) {
            for (int i = 0; i < prompt.length; i++) {
                prompt[i] = !tokens.isEmpty() && i % 4 == 1 ? tokens.get(random.nextInt(tokens.size())) : random.nextInt(base.vocabSize());
            }
        }
    }

    /// By type: float32 differs in the order of sums only; in the others every weight of the merged checkpoint has been rounded, and the
    /// arithmetic of both models rounds on its own way.
    private static double tolerance(ElementType type) {
        return switch (type) {
            case FLOAT32 -> 1e-4;
            case FLOAT16 -> 0.01;
            case BFLOAT16 -> 0.06;
        };
    }

    Result compare(LoadedModel merged, DoubleConsumer progress) {
        var spread = new Sum();
        var difference = new Sum();
        var effect = new Sum();
        var mix = new WeightedSum(List.of(adapter), List.of(1.0));
        try (var table = AdapterTable.of(base, List.of(mix))) {
            var rows = Optional.of(new AdapterRows(table.arguments(), new int[] {table.combination(mix)}, new int[] {table.owner(mix)}));
            for (int i = 0; i < prompts.length; i++) {
                var chunks = List.of(new Chunk(0, 0, prompts[i], LogitRows.ALL));
                try (var apart = base.step(new StepBatch(List.of(), chunks, rows)); var alone = base.step(new StepBatch(List.of(), chunks));
                        var whole = merged.step(new StepBatch(List.of(), chunks))) {
                    for (int row = 0; row < prompts[i].length; row++) {
                        float[] expected = centred(apart.row(row));
                        spread.add(expected, new float[expected.length]);
                        difference.add(expected, centred(whole.row(row)));
                        effect.add(expected, centred(alone.row(row)));
                    }
                }
                progress.accept((i + 1.0) / prompts.length);
            }
        }
        return new Result(difference.root() / spread.root(), effect.root() / spread.root(), tolerance(base.plan().type()));
    }

    /// Without their mean, on which no probability depends.
    private static float[] centred(float[] logits) {
        double sum = 0;
        for (float logit : logits) {
            sum += logit;
        }
        float mean = (float) (sum / logits.length);
        for (int i = 0; i < logits.length; i++) {
            logits[i] -= mean;
        }
        return logits;
    }

    private static final class Sum {
        private double squares;
        private long count;

        void add(float[] a, float[] b) {
            for (int i = 0; i < a.length; i++) {
                squares += ((double) a[i] - b[i]) * (a[i] - b[i]);
            }
            count += a.length;
        }

        double root() {
            return Math.sqrt(squares / count);
        }
    }
}
