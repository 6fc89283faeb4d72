package dev.lorikeet.metrics;

import dev.lorikeet.engine.EngineListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// Counters and histograms of one model's engine, under vLLM's names (`vllm/v1/metrics/loggers.py`) and with its buckets. The label is the
/// base model's id, whatever adapter a request runs on, so that there are as many series as models.
public final class EngineMetrics implements EngineListener {
    private static final double[] FIRST_TOKEN = {.001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560};
    private static final double[] NEXT_TOKEN = {.01, .025, .05, .075, .1, .15, .2, .3, .4, .5, .75, 1, 2.5, 5, 7.5, 10, 20, 40, 80};
    private static final double[] REQUEST = {.3, .5, .8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680};
    static final double[] TOKENS = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000};
    private static final double NANOS = 1e9;

    private final MeterRegistry registry;
    private final String model;
    private final IterationTokens iterations;
    private final Tags tags;
    private final Counter promptTokens;
    private final Counter generationTokens;
    private final Counter prefixQueries;
    private final Counter prefixHits;
    private final Counter steps;
    private final Counter stepTokens;
    private final Map<Outcome, Counter> outcomes = new EnumMap<>(Outcome.class);
    private final DistributionSummary firstToken;
    private final DistributionSummary interToken;
    private final DistributionSummary perOutputToken;
    private final DistributionSummary total;
    private final DistributionSummary queue;
    private final DistributionSummary inference;
    private final DistributionSummary prefill;
    private final DistributionSummary decode;
    private final DistributionSummary requestPrompt;
    private final DistributionSummary requestGeneration;

    public EngineMetrics(MeterRegistry registry, IterationTokens iterations, String model) {
        this.registry = registry;
        this.iterations = iterations;
        this.model = model;
        this.tags = Tags.of("model_name", model, "engine", "0");
        promptTokens = counter("vllm:prompt_tokens", "Prompt tokens, cached ones included");
        generationTokens = counter("vllm:generation_tokens", "Tokens generated");
        prefixQueries = counter("vllm:prefix_cache_queries", "Prompt tokens looked up in the prefix cache");
        prefixHits = counter("vllm:prefix_cache_hits", "Prompt tokens found there");
        counter("vllm:num_preemptions", "Sequences put back to make room for others: none, since each keeps its slot to its end");
        steps = counter("lorikeet_engine_steps", "Steps computed");
        stepTokens = counter("lorikeet_engine_step_tokens", "Tokens computed in all steps");
        for (var outcome : Outcome.values()) {
            String reason = outcome.name().toLowerCase(Locale.ROOT);
            outcomes.put(outcome, Counter.builder("vllm:request_success").description("Sequences that ended, by how they did").tags(tags)
                    .tags(Tags.of(Tag.of("finished_reason", reason))).register(registry));
        }
        firstToken = histogram("vllm:time_to_first_token_seconds", "From a request to its first token", FIRST_TOKEN);
        interToken = histogram("vllm:inter_token_latency_seconds", "From a token to the next", NEXT_TOKEN);
        perOutputToken = histogram("vllm:time_per_output_token_seconds", "Same as inter_token_latency_seconds, under vLLM's older name", NEXT_TOKEN);
        total = histogram("vllm:e2e_request_latency_seconds", "From a request to its end", REQUEST);
        queue = histogram("vllm:request_queue_time_seconds", "From a request to its first step", REQUEST);
        inference = histogram("vllm:request_inference_time_seconds", "From a request's first step to its end", REQUEST);
        prefill = histogram("vllm:request_prefill_time_seconds", "From a request's first step to its first token", REQUEST);
        decode = histogram("vllm:request_decode_time_seconds", "From a request's first token to its end", REQUEST);
        requestPrompt = histogram("vllm:request_prompt_tokens", "Prompt tokens of a request", TOKENS);
        requestGeneration = histogram("vllm:request_generation_tokens", "Tokens generated for a request", TOKENS);
    }

    private Counter counter(String name, String help) {
        return Counter.builder(name).description(help).tags(tags).register(registry);
    }

    private DistributionSummary histogram(String name, String help, double[] buckets) {
        return DistributionSummary.builder(name).description(help).tags(tags).serviceLevelObjectives(buckets).register(registry);
    }

    @Override
    public void step(int tokens) {
        steps.increment();
        stepTokens.increment(tokens);
        iterations.step(model, tokens);
    }

    @Override
    public void firstToken(int prompt, int reused, long nanos) {
        promptTokens.increment(prompt);
        prefixQueries.increment(prompt);
        prefixHits.increment(reused);
        generationTokens.increment();
        firstToken.record(nanos / NANOS);
    }

    @Override
    public void nextToken(long nanos) {
        generationTokens.increment();
        interToken.record(nanos / NANOS);
        perOutputToken.record(nanos / NANOS);
    }

    @Override
    public void ended(Ended sequence) {
        outcomes.get(sequence.outcome()).increment();
        total.record(sequence.totalNanos() / NANOS);
        queue.record(sequence.queueNanos() / NANOS);
        inference.record((sequence.prefillNanos() + sequence.decodeNanos()) / NANOS);
        prefill.record(sequence.prefillNanos() / NANOS);
        decode.record(sequence.decodeNanos() / NANOS);
        requestPrompt.record(sequence.promptTokens());
        requestGeneration.record(sequence.generatedTokens());
    }
}
