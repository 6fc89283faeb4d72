package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `/metrics` of the packaged server, read as Prometheus reads it.
class MetricsIT {
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{((?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\]|\\\\.)*\",?)*)})? (\\S+)");

    private static PackagedServer server;

    /// @param types by family @param samples by the whole name with its labels
    record Scrape(Map<String, String> types, Map<String, Double> samples) {
        double of(String name) {
            return samples.entrySet().stream().filter(sample -> sample.getKey().startsWith(name + "{") || sample.getKey().equals(name))
                    .mapToDouble(Map.Entry::getValue).sum();
        }

        List<String> series(String name) {
            return samples.keySet().stream().filter(sample -> sample.startsWith(name + "{")).toList();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        server = PackagedServer.start(PackagedServer.DEMO);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static Scrape scrape() throws Exception {
        var types = new LinkedHashMap<String, String>();
        var samples = new LinkedHashMap<String, Double>();
        for (String line : server.text("/metrics").lines().toList()) {
            if (line.startsWith("# TYPE ")) {
                String[] words = line.split(" ");
                assertThat(types.put(words[2], words[3])).as("family %s comes twice", words[2]).isNull();
            } else if (!line.startsWith("#") && !line.isBlank()) {
                var sample = SAMPLE.matcher(line);
                assertThat(sample.matches()).as(line).isTrue();
                String name = sample.group(2) == null ? sample.group(1) : sample.group(1) + "{" + sample.group(2) + "}";
                assertThat(samples.put(name, Double.parseDouble(sample.group(3).replace("Inf", "Infinity")))).as("series %s comes twice", name).isNull();
            }
        }
        return new Scrape(types, samples);
    }

    private static PackagedServer.Answer chat(String model, int tokens) throws Exception {
        return server.post("/v1/chat/completions", """
                {"model": "%s", "messages": [{"role": "user", "content": "안녕하세요"}], "max_tokens": %d, "ignore_eos": true}""".formatted(model, tokens));
    }

    @Test
    void familiesHaveVllmsNamesAndTypes() throws Exception {
        assertThat(chat("demo", 4).status()).isEqualTo(200);
        var scrape = scrape();
        for (String gauge : List.of("vllm:num_requests_running", "vllm:num_requests_waiting", "vllm:kv_cache_usage_perc", "vllm:cache_config_info",
                "vllm:lora_requests_info", "lorikeet_adapters_loaded", "lorikeet_adapters_waiting", "lorikeet_adapter_device_bytes")) {
            assertThat(scrape.types()).as(gauge).containsEntry(gauge, "gauge");
        }
        for (String counter : List.of("vllm:prompt_tokens_total", "vllm:generation_tokens_total", "vllm:request_success_total", "vllm:num_preemptions_total",
                "vllm:prefix_cache_queries_total", "vllm:prefix_cache_hits_total", "lorikeet_adapter_swaps_total", "lorikeet_adapter_evictions_total")) {
            assertThat(scrape.types()).as(counter).containsEntry(counter, "counter");
        }
        for (String histogram : List.of("vllm:time_to_first_token_seconds", "vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds",
                "vllm:e2e_request_latency_seconds", "vllm:request_queue_time_seconds", "vllm:request_prefill_time_seconds",
                "vllm:request_params_n", "vllm:request_params_max_tokens", "vllm:request_max_num_generation_tokens", "vllm:iteration_tokens_total")) {
            assertThat(scrape.types()).as(histogram).containsEntry(histogram, "histogram");
            assertThat(scrape.series(histogram + "_bucket")).as(histogram).allMatch(series -> series.contains("model_name=\"demo\""));
            assertThat(scrape.of(histogram + "_count")).as(histogram).isPositive();
        }
        assertThat(scrape.types().entrySet()).filteredOn(type -> type.getValue().equals("counter")).allMatch(type -> type.getKey().endsWith("_total"));
    }

    @Test
    void countersCountWhatTheAnswersSayAndGaugesReturnToZero() throws Exception {
        var before = scrape();
        var usage = chat("demo", 16).body().get("usage");
        var after = scrape();
        assertThat(after.of("vllm:prompt_tokens_total") - before.of("vllm:prompt_tokens_total")).isEqualTo(usage.get("prompt_tokens").doubleValue());
        assertThat(after.of("vllm:generation_tokens_total") - before.of("vllm:generation_tokens_total")).isEqualTo(16);
        assertThat(after.of("vllm:e2e_request_latency_seconds_count") - before.of("vllm:e2e_request_latency_seconds_count")).isEqualTo(1);
        assertThat(after.of("vllm:inter_token_latency_seconds_count") - before.of("vllm:inter_token_latency_seconds_count")).isEqualTo(15);
        assertThat(after.samples()).containsKey("vllm:request_success_total{engine=\"0\",finished_reason=\"length\",model_name=\"demo\",}");
        for (var idle = after; idle.of("vllm:num_requests_running") + idle.of("vllm:num_requests_waiting") > 0; ) {
            idle = scrape();
        }
    }

    @Test
    void whatARequestAsksForIsCountedForEachOfItsPrompts() throws Exception {
        var before = scrape();
        String body = """
                {"model": "demo", "prompt": ["안녕", "하세요"], "n": 2, "max_tokens": 7, "ignore_eos": true}""";
        assertThat(server.post("/v1/completions", body).status()).isEqualTo(200);
        var after = scrape();
        Map.of("vllm:request_params_n_count", 2, "vllm:request_params_n_sum", 4, "vllm:request_params_max_tokens_count", 4,
                "vllm:request_params_max_tokens_sum", 28, "vllm:request_max_num_generation_tokens_count", 2, "vllm:request_max_num_generation_tokens_sum", 14)
                .forEach((name, more) -> assertThat(after.of(name) - before.of(name)).as(name).isEqualTo(more.doubleValue()));
        assertThat(after.series("vllm:request_params_n_bucket")).anyMatch(series -> series.contains("le=\"2.0\"") && series.contains("model_name=\"demo\""));
    }

    @Test
    @Timeout(60)
    void everyStepIsCountedByItsTokens() throws Exception {
        assertThat(chat("demo", 5).status()).isEqualTo(200);
        var idle = scrape();
        while (idle.of("vllm:iteration_tokens_total_count") != idle.of("lorikeet_engine_steps_total")) {
            // The last step is counted when its tokens are on their way.
            idle = scrape();
        }
        assertThat(idle.of("vllm:iteration_tokens_total_count")).isPositive().isEqualTo(idle.of("lorikeet_engine_steps_total"));
        assertThat(idle.of("vllm:iteration_tokens_total_sum")).isEqualTo(idle.of("lorikeet_engine_step_tokens_total"));
        var buckets = idle.samples().entrySet().stream().filter(sample -> sample.getKey().startsWith("vllm:iteration_tokens_total_bucket")).toList();
        assertThat(buckets).hasSize(14).isSortedAccordingTo(Map.Entry.comparingByValue());
        assertThat(buckets.getLast().getKey()).contains("le=\"+Inf\"");
        assertThat(buckets.getLast().getValue()).isEqualTo(idle.of("vllm:iteration_tokens_total_count"));
    }

    @Test
    void namesThatCallersInventMakeNoSeries() throws Exception {
        chat("demo", 1);
        chat("nobody-0", 1);
        server.get("/v1/models/nobody-0");
        server.get("/nowhere/0");
        // The first scrape makes series of its own request.
        scrape();
        int series = scrape().samples().size();
        var unseen = new ArrayList<String>();
        for (int i = 1; i < 30; i++) {
            chat("nobody-" + i, 1);
            server.get("/v1/models/nobody-" + i);
            server.get("/nowhere/" + i);
        }
        scrape().samples().keySet().stream().filter(name -> name.contains("nobody") || name.contains("nowhere")).forEach(unseen::add);
        assertThat(unseen).isEmpty();
        assertThat(scrape().samples().size()).isEqualTo(series);
    }

    @Test
    void aTrainingIsSeenWhileItRunsInAsManySeriesAsBeforeAndIsZeroAfterwards() throws Exception {
        scrape();
        var before = scrape();
        var jobs = new TrainingJobs(server);
        String file = jobs.upload();
        String id = jobs.create("demo", file, "\"lorikeet\": {\"r\": 2, \"max_steps\": 400, \"save_strategy\": \"no\", \"learning_rate\": 0.001}");
        jobs.follow(id, "Step 2/400");
        var running = scrape();
        assertThat(running.of("lorikeet_training_jobs_running")).isEqualTo(1);
        assertThat(running.of("lorikeet_training_jobs_queued")).isZero();
        assertThat(running.of("lorikeet_training_step")).isBetween(2.0, 400.0);
        assertThat(running.of("lorikeet_training_steps_planned")).isEqualTo(400);
        for (String gauge : List.of("loss", "learning_rate", "grad_norm", "tokens_per_second", "seconds_left")) {
            assertThat(running.of("lorikeet_training_" + gauge)).as(gauge).isPositive();
        }
        server.post("/v1/fine_tuning/jobs/" + id + "/cancel", "{}");
        var after = scrape();
        while (after.of("lorikeet_training_step") > 0) {
            after = scrape();
        }
        assertThat(after.samples().entrySet()).filteredOn(sample -> sample.getKey().startsWith("lorikeet_training_")).hasSize(15).allMatch(sample -> sample.getValue() == 0);
        assertThat(trainingSeries(running)).isEqualTo(trainingSeries(before));
        assertThat(trainingSeries(after)).isEqualTo(trainingSeries(before));
        assertThat(after.samples().keySet()).noneMatch(name -> name.contains(id) || name.contains(file));
        assertThat(after.samples().size()).isLessThan(before.samples().size() + 40);
    }

    private static List<String> trainingSeries(Scrape scrape) {
        return scrape.samples().keySet().stream().filter(name -> name.startsWith("lorikeet_training_")).toList();
    }

    @Test
    void adaptersAreReportedAsTheGatewayApiInferenceExtensionReadsThem() throws Exception {
        var info = scrape().series("vllm:lora_requests_info");
        assertThat(info).hasSize(1);
        assertThat(info.getFirst()).matches("vllm:lora_requests_info\\{max_lora=\"[1-9]\\d*\",waiting_lora_adapters=\"\",running_lora_adapters=\"\"}");
        assertThat(scrape().of("vllm:lora_requests_info")).isGreaterThan(1.6e9);
    }
}
