package dev.lorikeet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final int[] PROMPT = {1, 2, 2};

    private static Sequence sequence(SamplingParams sampling, int... output) {
        var sequence = new Sequence(Requests.with(PROMPT, sampling, Requests.stop(100)), 0, Duration.ofDays(1));
        for (int id : output) {
            sequence.append(id);
        }
        return sequence;
    }

    private static SamplingParams params(double temperature, double topP, int topK, double minP, double typicalP, long seed) {
        return new SamplingParams(temperature, topP, topK, minP, typicalP, 1, 0, 0, Map.of(), seed);
    }

    /// Frequencies of many draws with seeds 0, 1, 2 …
    private static double[] frequencies(float[] logits, java.util.function.LongFunction<SamplingParams> params) {
        var sampler = new Sampler(logits.length);
        var counts = new double[logits.length];
        int draws = 40_000;
        for (int seed = 0; seed < draws; seed++) {
            counts[sampler.sample(sequence(params.apply(seed)), logits.clone())] += 1.0 / draws;
        }
        return counts;
    }

    private static float[] logs(double... probabilities) {
        var logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(probabilities[i]) + 3;
        }
        return logits;
    }

    @Test
    void withoutFiltersDrawsFollowTheSoftmax() {
        double[] f = frequencies(logs(0.5, 0.3, 0.15, 0.05), seed -> params(1, 1, 0, 0, 1, seed));
        assertThat(f).usingComparatorWithPrecision(0.01).containsExactly(0.5, 0.3, 0.15, 0.05);
    }

    @Test
    void temperatureSharpens() {
        double[] f = frequencies(logs(0.6, 0.4), seed -> params(0.5, 1, 0, 0, 1, seed));
        assertThat(f[0]).isCloseTo(0.36 / 0.52, within(0.01));
    }

    @Test
    void topKKeepsTheKLikeliest() {
        double[] f = frequencies(logs(0.1, 0.4, 0.3, 0.2), seed -> params(1, 1, 2, 0, 1, seed));
        assertThat(f).usingComparatorWithPrecision(0.01).containsExactly(0, 4 / 7.0, 3 / 7.0, 0);
    }

    @Test
    void topPKeepsTheSmallestSetThatReachesItsMass() {
        double[] f = frequencies(logs(0.1, 0.4, 0.3, 0.2), seed -> params(1, 0.65, 0, 0, 1, seed));
        assertThat(f).usingComparatorWithPrecision(0.01).containsExactly(0, 4 / 7.0, 3 / 7.0, 0);
    }

    @Test
    void minPDropsWhatIsFarBelowTheBest() {
        double[] f = frequencies(logs(0.1, 0.4, 0.3, 0.2), seed -> params(1, 1, 0, 0.6, 1, seed));
        assertThat(f).usingComparatorWithPrecision(0.01).containsExactly(0, 4 / 7.0, 3 / 7.0, 0);
    }

    /// A token of probability 0.9 is closer to the entropy of (0.9, 0.05, 0.05) than the others; of four tokens the rare one is the odd one out.
    @Test
    void typicalPPrefersWhatIsAsSurprisingAsExpected() {
        double[] f = frequencies(logs(0.9, 0.05, 0.05), seed -> params(1, 1, 0, 0, 0.5, seed));
        assertThat(f).usingComparatorWithPrecision(1e-9).containsExactly(1, 0, 0);
        double[] flat = frequencies(logs(0.01, 0.33, 0.33, 0.33), seed -> params(1, 1, 0, 0, 0.9, seed));
        assertThat(flat[0]).isZero();
    }

    @Test
    void penaltiesFollowTheirFormulas() {
        var sampler = new Sampler(5);
        float[] logits = {1, 2, -2, 3, 2.9f};
        var sampling = new SamplingParams(0, 1, 0, 0, 1, 2, 0.5, 0.25, Map.of(4, -10f), 0);
        float[] changed = logits.clone();
        // Prompt 1, 2, 2; output 3, 3, 2.
        int chosen = sampler.sample(sequence(sampling, 3, 3, 2), changed);
        assertThat(changed).containsExactly(new float[] {1, 2 / 2f, -2 * 2 - 0.25f - 0.5f, 3 / 2f - 2 * 0.25f - 0.5f, 2.9f - 10}, within(1e-6f));
        assertThat(chosen).isZero();
        float[] again = logits.clone();
        sampler.sample(sequence(sampling, 3, 3, 2), again);
        assertThat(again).as("nothing is left over from the call before").isEqualTo(changed);
    }

    /// The fast path that looks at likely tokens only must agree with sorting everything.
    @Test
    void filtersAgreeWithAFullSort() {
        var random = new SplittableRandom(3);
        for (int round = 0; round < 300; round++) {
            int vocab = 2000;
            var logits = new float[vocab];
            for (int i = 0; i < vocab; i++) {
                logits[i] = (float) (random.nextGaussian() * (1 + round % 7));
            }
            double topP = 0.05 + 0.95 * random.nextDouble();
            double temperature = 0.2 + 3 * random.nextDouble();
            var kept = nucleus(logits, temperature, topP);
            var sampler = new Sampler(vocab);
            for (int seed = 0; seed < 20; seed++) {
                int id = sampler.sample(sequence(params(temperature, topP, 0, 0, 1, seed * 31L + round)), logits.clone());
                assertThat(kept[id]).as("round %d: token %d is in the nucleus", round, id).isTrue();
            }
        }
    }

    private static boolean[] nucleus(float[] logits, double temperature, double topP) {
        double total = IntStream.range(0, logits.length).mapToDouble(i -> Math.exp(logits[i] / temperature)).sum();
        var order = IntStream.range(0, logits.length).boxed().sorted((a, b) -> Float.compare(logits[b], logits[a])).toList();
        var kept = new boolean[logits.length];
        double mass = 0;
        for (int id : order) {
            kept[id] = true;
            mass += Math.exp(logits[id] / temperature) / total;
            if (mass >= topP + 1e-9) {
                break;
            }
        }
        return kept;
    }
}
