package dev.lorikeet.engine;

import java.util.Arrays;

/// Draws the next token from one row of logits. Exact and single-threaded; a row of 150,000 costs some hundred microseconds.
///
/// Order: repetition, frequency and presence penalties, bias, masks, temperature, top-k, top-p, min-p, typical-p, draw.
final class Sampler {
    private final int vocabSize;
    private final int[] outputCounts;
    private final boolean[] seen;
    private int[] candidates = new int[0];
    private double[] probabilities = new double[0];

    Sampler(int vocabSize) {
        this.vocabSize = vocabSize;
        this.outputCounts = new int[vocabSize];
        this.seen = new boolean[vocabSize];
    }

    /// Whether the greedy id that the step computed on the raw logits is what [#sample] would return.
    static boolean isRawArgmax(Sequence sequence) {
        return sequence.request.sampling().isPlainGreedy() && !mustGoOn(sequence);
    }

    private static boolean mustGoOn(Sequence sequence) {
        return sequence.outputLength() < sequence.request.stop().minTokens();
    }

    /// @param logits of the whole vocabulary; changed in place
    int sample(Sequence sequence, float[] logits) {
        var sampling = sequence.request.sampling();
        penalise(sequence, sampling, logits);
        sampling.logitBias().forEach((id, bias) -> logits[id] += bias);
        if (mustGoOn(sequence)) {
            var stop = sequence.request.stop();
            stop.stopTokenIds().forEach(id -> mask(logits, id));
            if (!stop.ignoreEos()) {
                stop.endTokenIds().forEach(id -> mask(logits, id));
            }
        }
        return sampling.temperature() == 0 ? argmax(logits) : draw(sampling, logits, sequence.outputLength());
    }

    private void mask(float[] logits, int id) {
        if (id >= 0 && id < vocabSize) {
            logits[id] = Float.NEGATIVE_INFINITY;
        }
    }

    private void penalise(Sequence sequence, SamplingParams sampling, float[] logits) {
        boolean additive = sampling.presencePenalty() != 0 || sampling.frequencyPenalty() != 0;
        if (sampling.repetitionPenalty() == 1 && !additive) {
            return;
        }
        var tokens = sequence.tokens();
        int prompt = sequence.promptLength();
        for (int i = 0; i < tokens.size(); i++) {
            seen[tokens.get(i)] = true;
            outputCounts[tokens.get(i)] += i < prompt ? 0 : 1;
        }
        for (int i = 0; i < tokens.size(); i++) {
            int id = tokens.get(i);
            if (seen[id]) {
                float logit = logits[id];
                double repeated = logit > 0 ? logit / sampling.repetitionPenalty() : logit * sampling.repetitionPenalty();
                int count = outputCounts[id];
                logits[id] = (float) (repeated - sampling.frequencyPenalty() * count - (count > 0 ? sampling.presencePenalty() : 0));
                seen[id] = false;
                outputCounts[id] = 0;
            }
        }
    }

    private static int argmax(float[] logits) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            best = logits[id] > logits[best] ? id : best;
        }
        return best;
    }

    private int draw(SamplingParams sampling, float[] logits, int position) {
        float max = logits[argmax(logits)];
        double scale = 1 / sampling.temperature();
        double u = CounterRandom.uniform(sampling.seed(), position);
        boolean unfiltered = sampling.topK() == 0 && sampling.topP() == 1 && sampling.minP() == 0 && sampling.typicalP() == 1;
        if (unfiltered) {
            return drawFromAll(logits, max, scale, u);
        }
        int count = likeliest(sampling, logits, max, scale);
        count = nucleus(count, sampling.topP());
        count = aboveMinimum(count, sampling.minP());
        count = typical(count, sampling.typicalP());
        double total = 0;
        for (int i = 0; i < count; i++) {
            total += probabilities[i];
        }
        double target = u * total;
        for (int i = 0; i < count; i++) {
            target -= probabilities[i];
            if (target < 0) {
                return candidates[i];
            }
        }
        return candidates[count - 1];
    }

    private static int drawFromAll(float[] logits, float max, double scale, double u) {
        double total = 0;
        for (float logit : logits) {
            total += Math.exp((logit - max) * scale);
        }
        double target = u * total;
        int last = 0;
        for (int id = 0; id < logits.length; id++) {
            double p = Math.exp((logits[id] - max) * scale);
            last = p > 0 ? id : last;
            target -= p;
            if (target < 0) {
                return id;
            }
        }
        return last;
    }

    /// Fills `candidates` and `probabilities` (normalised over the whole vocabulary, or over the top k), likeliest first.
    private int likeliest(SamplingParams sampling, float[] logits, float max, double scale) {
        int k = sampling.topK() == 0 ? vocabSize : Math.min(sampling.topK(), vocabSize);
        double total = 0;
        if (k == vocabSize) {
            for (float logit : logits) {
                total += Math.exp((logit - max) * scale);
            }
        }
        // Sorting a whole vocabulary is slow and nearly all of it is improbable: widen the net only until it holds enough.
        // Typical sampling may prefer unlikely tokens, so it needs them all.
        double reach = sampling.typicalP() < 1 ? Double.POSITIVE_INFINITY : 8;
        int count = collect(logits, max - reach / scale);
        while (count < vocabSize && (k < vocabSize ? count < k : mass(count, logits, max, scale) < sampling.topP() * total
                || sampling.minP() > 0 && reach < -Math.log(sampling.minP()))) {
            reach *= 2;
            int wider = collect(logits, max - reach / scale);
            if (wider == count && reach > 1e6) {
                // Only masked tokens are left.
                break;
            }
            count = wider;
        }
        sortByLogit(count, logits);
        count = Math.min(count, k);
        if (probabilities.length < count) {
            probabilities = new double[Math.max(count, 1024)];
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            probabilities[i] = Math.exp((logits[candidates[i]] - max) * scale);
            sum += probabilities[i];
        }
        normalise(count, k == vocabSize ? total : sum);
        return count;
    }

    private int collect(float[] logits, double least) {
        int count = 0;
        if (candidates.length < 1024) {
            candidates = new int[1024];
        }
        for (int id = 0; id < logits.length; id++) {
            if (logits[id] >= least && logits[id] != Float.NEGATIVE_INFINITY) {
                if (count == candidates.length) {
                    candidates = Arrays.copyOf(candidates, count * 2);
                }
                candidates[count++] = id;
            }
        }
        return count;
    }

    private double mass(int count, float[] logits, float max, double scale) {
        double mass = 0;
        for (int i = 0; i < count; i++) {
            mass += Math.exp((logits[candidates[i]] - max) * scale);
        }
        return mass;
    }

    /// Descending by logit, equal ones by id. The key packs both into one long, since primitive sorts need no comparator.
    private void sortByLogit(int count, float[] logits) {
        var keys = new long[count];
        for (int i = 0; i < count; i++) {
            int bits = Float.floatToIntBits(logits[candidates[i]]);
            int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE);
            keys[i] = (long) ~ascending << 32 | candidates[i];
        }
        Arrays.sort(keys);
        for (int i = 0; i < count; i++) {
            candidates[i] = (int) keys[i];
        }
    }

    private void normalise(int count, double total) {
        for (int i = 0; i < count; i++) {
            probabilities[i] /= total;
        }
    }

    /// The smallest set of likeliest tokens whose mass reaches `topP` (Holtzman et al., 2020).
    private int nucleus(int count, double topP) {
        double mass = 0;
        for (int i = 0; i < count && topP < 1; i++) {
            mass += probabilities[i];
            if (mass >= topP) {
                return i + 1;
            }
        }
        return count;
    }

    private int aboveMinimum(int count, double minP) {
        int kept = 1;
        while (kept < count && probabilities[kept] >= minP * probabilities[0]) {
            kept++;
        }
        return minP > 0 ? kept : count;
    }

    /// Keeps the tokens whose surprise is closest to the entropy until their mass reaches `typicalP` (Meister et al., 2022).
    private int typical(int count, double typicalP) {
        if (typicalP >= 1) {
            return count;
        }
        double total = Arrays.stream(probabilities, 0, count).sum();
        double entropy = Arrays.stream(probabilities, 0, count).map(p -> p / total).filter(p -> p > 0).map(p -> -p * Math.log(p)).sum();
        int[] ids = Arrays.copyOf(candidates, count);
        double[] p = Arrays.copyOf(probabilities, count);
        var order = java.util.stream.IntStream.range(0, count).boxed()
                .sorted(java.util.Comparator.comparingDouble(i -> Math.abs(-Math.log(p[i] / total) - entropy))).toList();
        double mass = 0;
        int kept = 0;
        for (int i : order) {
            candidates[kept] = ids[i];
            probabilities[kept++] = p[i];
            mass += p[i] / total;
            if (mass >= typicalP) {
                break;
            }
        }
        return kept;
    }
}
