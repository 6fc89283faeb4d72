package dev.lorikeet.app;

import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.StepBatch;
import dev.lorikeet.model.StepBatch.Chunk;
import dev.lorikeet.model.StepBatch.LogitRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// How far a model with quantised matrices is from the same model in full precision, on a text of tokens.
///
/// @param nats mean negative log-likelihood of a token @param rise how much more that is than in full precision
/// @param agreement part of the positions at which both would choose the same token
record QuantizationQuality(double nats, double rise, double agreement) {
    /// What a model makes of a text. @param nats mean negative log-likelihood @param choices the likeliest token after each but the last
    record Reading(double nats, long[] choices) {
        static Reading of(LoadedModel model, int[] ids) {
            var rows = new long[ids.length - 1];
            var next = new long[ids.length - 1];
            for (int i = 0; i + 1 < ids.length; i++) {
                rows[i] = i;
                next[i] = ids[i + 1];
            }
            try (var logits = model.step(new StepBatch(List.of(), List.of(new Chunk(0, 0, ids, LogitRows.ALL))))) {
                double sum = 0;
                for (float own : logits.score(rows, next, 1).own()) {
                    sum -= own;
                }
                return new Reading(sum / rows.length, Arrays.copyOf(logits.greedy(), rows.length));
            }
        }
    }

    static QuantizationQuality of(Reading full, Reading quantized) {
        int same = 0;
        for (int i = 0; i < full.choices().length; i++) {
            same += full.choices()[i] == quantized.choices()[i] ? 1 : 0;
        }
        return new QuantizationQuality(quantized.nats(), quantized.nats() - full.nats(), (double) same / full.choices().length);
    }

    /// A text that the model itself draws, so that there is one for every vocabulary.
    static int[] text(LoadedModel model, int tokens) {
        var random = new Random(1);
        var ids = new ArrayList<Integer>(List.of(1));
        while (ids.size() < tokens) {
            var last = new Chunk(0, ids.size() - 1, new int[] {ids.getLast()}, LogitRows.LAST);
            try (var logits = model.step(new StepBatch(List.of(), List.of(last)))) {
                ids.add(draw(logits.row(0), random.nextDouble()));
            }
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int draw(float[] logits, double number) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double total = 0;
        for (float logit : logits) {
            total += Math.exp(logit - largest);
        }
        double rest = number * total;
        for (int id = 0; id < logits.length; id++) {
            rest -= Math.exp(logits[id] - largest);
            if (rest < 0) {
                return id;
            }
        }
        return logits.length - 1;
    }
}
