package dev.lorikeet.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;

/// Histograms of requests as their callers made them, under vLLM's names and with its buckets. The label is the base model's id, as in [EngineMetrics].
public final class RequestMetrics {
    private static final double[] CHOICES = {1, 2, 5, 10, 20};

    private final MeterRegistry registry;

    public RequestMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /// All choices of a prompt have ended, however they did.
    ///
    /// @param n choices that the caller asked for @param maxTokens that each of them might have @param generated tokens of each sequence
    public void ended(String model, int n, int maxTokens, int[] generated) {
        histogram("vllm:request_params_n", "Choices that a request asks for", model, CHOICES).record(n);
        var limits = histogram("vllm:request_params_max_tokens", "Tokens that a sequence may have at most", model, EngineMetrics.TOKENS);
        Arrays.stream(generated).forEach(_ -> limits.record(maxTokens));
        histogram("vllm:request_max_num_generation_tokens", "Tokens generated for the longest choice of a request", model, EngineMetrics.TOKENS)
                .record(Arrays.stream(generated).max().orElse(0));
    }

    private DistributionSummary histogram(String name, String help, String model, double[] buckets) {
        return DistributionSummary.builder(name).description(help).tags("model_name", model, "engine", "0").serviceLevelObjectives(buckets).register(registry);
    }
}
