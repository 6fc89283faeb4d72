package dev.lorikeet.metrics;

import java.util.Map;
import java.util.TreeMap;

/// `vllm:iteration_tokens_total`: how many tokens the steps of each model computed. Kept and written here because the usual client strips the ending
/// `_total` from a histogram's name. Safe for use by many threads.
public final class IterationTokens {
    private static final String NAME = "vllm:iteration_tokens_total";
    private static final int[] BUCKETS = {1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384};

    private final Map<String, Steps> models = new TreeMap<>();

    /// The steps of one model, by their bucket; the last one holds those beyond all.
    private static final class Steps {
        private final long[] counts = new long[BUCKETS.length + 1];
        private long tokens;

        void add(int number) {
            int bucket = 0;
            while (bucket < BUCKETS.length && number > BUCKETS[bucket]) {
                bucket++;
            }
            counts[bucket]++;
            tokens += number;
        }
    }

    synchronized void step(String model, int tokens) {
        models.computeIfAbsent(model, _ -> new Steps()).add(tokens);
    }

    synchronized void writeTo(PrometheusText out) {
        out.family(NAME, "histogram", "Tokens of prompts and answers computed in a step");
        models.forEach((model, steps) -> {
            long count = 0;
            for (int i = 0; i < steps.counts.length; i++) {
                count += steps.counts[i];
                String le = i < BUCKETS.length ? String.valueOf((double) BUCKETS[i]) : "+Inf";
                out.line(NAME + "_bucket", Map.of("model_name", model, "engine", "0", "le", le), count);
            }
            out.line(NAME + "_count", Map.of("model_name", model, "engine", "0"), count);
            out.line(NAME + "_sum", Map.of("model_name", model, "engine", "0"), steps.tokens);
        });
    }
}
