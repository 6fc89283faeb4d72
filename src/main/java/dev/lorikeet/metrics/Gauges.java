package dev.lorikeet.metrics;

import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.engine.EngineStats;
import dev.lorikeet.registry.AdapterRegistry;
import dev.lorikeet.registry.AdapterStats;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.function.ToDoubleFunction;

/// What is true at the moment of a scrape, as Prometheus text. Written here because the usual client strips the ending `_info` from names,
/// and because a series whose labels have changed must be gone at once: only models that are resident, and only the present set of adapters.
public final class Gauges {
    /// What an adapter is taken to need while none is loaded that would tell.
    private static final long TYPICAL_ADAPTER = 64L << 20;

    private final ModelCatalog catalog;
    private final AdapterRegistry registry;
    private final TrainingGauges training;
    private final IterationTokens iterations;
    private final Clock clock;

    public Gauges(ModelCatalog catalog, AdapterRegistry registry, TrainingGauges training, IterationTokens iterations, Clock clock) {
        this.catalog = catalog;
        this.registry = registry;
        this.training = training;
        this.iterations = iterations;
        this.clock = clock;
    }

    public String text() {
        var out = new PrometheusText();
        var engines = catalog.stats();
        perModel(out, "vllm:num_requests_running", "Sequences that are being computed", engines, EngineStats::running);
        perModel(out, "vllm:num_requests_waiting", "Sequences that wait for a slot", engines, EngineStats::waiting);
        perModel(out, "vllm:kv_cache_usage_perc", "Filled part of the KV cache, 0 to 1; what is kept for reuse included", engines,
                stats -> stats.positions() == 0 ? 0 : (double) stats.filledPositions() / stats.positions());
        cache(out);
        adapters(out, registry.stats());
        training.writeTo(out);
        iterations.writeTo(out);
        return out.text();
    }

    private static void perModel(PrometheusText out, String name, String help, Map<String, EngineStats> engines, ToDoubleFunction<EngineStats> value) {
        out.family(name, "gauge", help);
        engines.forEach((model, stats) -> out.line(name, Map.of("model_name", model, "engine", "0"), value.applyAsDouble(stats)));
    }

    /// A slot is a block here: `num_gpu_blocks` of `block_size` positions.
    private void cache(PrometheusText out) {
        out.family("vllm:cache_config_info", "gauge", "How the KV cache is laid out: as many blocks as sequences can run at once");
        for (var entry : catalog.entries()) {
            if (entry.state() instanceof ModelState.Loaded(var _, ModelState.ModelInfo info)) {
                var labels = new LinkedHashMap<String, String>();
                labels.put("model_name", entry.id());
                labels.put("engine", "0");
                labels.put("block_size", String.valueOf(info.maxContext()));
                labels.put("num_gpu_blocks", String.valueOf(info.maxBatch()));
                out.line("vllm:cache_config_info", labels, 1);
            }
        }
    }

    private void adapters(PrometheusText out, AdapterStats stats) {
        var labels = new LinkedHashMap<String, String>();
        labels.put("max_lora", String.valueOf(capacity(stats)));
        labels.put("waiting_lora_adapters", names(stats.waiting()));
        labels.put("running_lora_adapters", names(stats.running()));
        out.family("vllm:lora_requests_info", "gauge", "Adapters that are ready or on their way in; the value is the time of this report");
        out.line("vllm:lora_requests_info", labels, clock.millis() / 1000.0);
        out.gauge("lorikeet_adapters_loaded", "Adapters that are ready to run", stats.running().size());
        out.gauge("lorikeet_adapters_waiting", "Adapters on their way in", stats.waiting().size());
        out.gauge("lorikeet_adapter_requests_running", "Requests that run on an adapter",
                registry.list().stream().mapToLong(adapter -> adapter.inFlight()).sum());
        out.gauge("lorikeet_adapter_device_bytes", "Bytes of adapters on the device", stats.deviceBytes());
        out.gauge("lorikeet_adapter_host_bytes", "Bytes of evicted adapters in host memory", stats.hostBytes());
        out.gauge("lorikeet_adapter_device_budget_bytes", "Bytes that adapters may take on the device", stats.deviceBudget());
        out.counter("lorikeet_adapter_swaps_total", "Times a name came to mean another version", stats.swaps());
        out.counter("lorikeet_adapter_evictions_total", "Adapters evicted from the device", stats.evictions());
        out.counter("lorikeet_adapter_reloads_total", "Adapters brought back onto it", stats.reloads());
    }

    /// How many adapters fit at once, if further ones are like those that are loaded.
    private static long capacity(AdapterStats stats) {
        int loaded = stats.running().size();
        long each = loaded == 0 ? TYPICAL_ADAPTER : Math.max(1, stats.deviceBytes() / loaded);
        return Math.max(Math.max(1, loaded), stats.deviceBudget() / each);
    }

    private static String names(SortedSet<String> names) {
        return String.join(",", names);
    }
}
