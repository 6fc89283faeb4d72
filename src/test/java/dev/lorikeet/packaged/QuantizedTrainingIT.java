package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.model.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Training on a base in four bits as a user does it: the job asks for it, its base comes by itself, and the adapter answers on it.
class QuantizedTrainingIT {
    private static final String BASE = "demo:nf4-dq-float16";
    private static final String FOUR_BITS = "\"load_in_4bit\": true, \"bnb_4bit_quant_type\": \"nf4\", \"bnb_4bit_use_double_quant\": true, "
            + "\"bnb_4bit_compute_dtype\": \"float16\"";
    private static final String OPTIONS = "\"seed\": 5, \"lorikeet\": {" + FOUR_BITS + ", \"r\": 4, \"max_steps\": 8, \"save_strategy\": \"steps\", "
            + "\"save_steps\": 3, \"per_device_train_batch_size\": 2, \"learning_rate\": 0.01, \"lora_dropout\": 0.1, \"target_modules\": \"all-linear\", "
            + "\"optim\": \"paged_adamw_8bit\", \"max_grad_norm\": 0.3, \"val_set_size\": 4, \"eval_strategy\": \"steps\", \"eval_steps\": 4, "
            + "\"generate_samples\": 1, \"generate_max_tokens\": 4}";

    private static TreeMap<Integer, Double> losses(List<JsonNode> events) {
        var losses = new TreeMap<Integer, Double>();
        events.stream().map(event -> event.get("data")).filter(data -> data.has("train_loss"))
                .forEach(data -> losses.put(data.get("step").intValue(), data.get("train_loss").doubleValue()));
        return losses;
    }

    private static JsonNode merged(PackagedServer server, String fields) throws Exception {
        var started = server.post("/v1/adapters/merge", fields);
        assertThat(started.status()).as(started.toString()).isEqualTo(202);
        while (true) {
            var job = server.get("/v1/adapters/merge/" + started.body().get("id").textValue()).body();
            if (!job.get("status").textValue().matches("queued|running")) {
                return job;
            }
        }
    }

    @Test
    void aJobBringsItsBaseAndItsAdapterAnswersOnItAndMergesIntoTheFullPrecisionBaseOnly() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            var jobs = new TrainingJobs(server);
            String id = jobs.create("demo", jobs.upload(), OPTIONS);
            var events = jobs.events(id);
            var job = jobs.get(id);
            assertThat(job.get("status").textValue()).as(job.toString()).isEqualTo("succeeded");
            assertThat(events).extracting(event -> event.get("message").textValue()).anyMatch(message -> message.startsWith("Loading " + BASE + ": "))
                    .contains("The base " + BASE + " is loaded").anyMatch(message -> message.contains("validation loss="));
            String model = job.get("fine_tuned_model").textValue();
            assertThat(model).matches("ft:" + BASE + ":::[0-9A-Za-z]{8}");
            assertThat(server.chat(model)).isNotEqualTo(server.chat(BASE));
            assertThat(server.chat(id + ":ckpt-step-3")).isNotNull();
            assertThat(server.log()).doesNotContain("base_model_name_or_path says");
            var listed = server.get("/v1/models").body().get("data").valueStream().filter(entry -> entry.get("id").textValue().equals(model)).toList();
            assertThat(listed).singleElement().satisfies(entry -> assertThat(entry.get("parent").textValue()).isEqualTo(BASE));
            assertThat(Fixtures.json(server.data().resolve("jobs").resolve(id).resolve("output/lorikeet.json")).get("quantization").textValue())
                    .isEqualTo("nf4-dq-float16");
            var refused = server.post("/v1/adapters/merge", "{\"adapter\": \"" + model + "\", \"out\": \"whole\"}");
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.error()).contains(BASE, "'model'", "quantised");
            var merge = merged(server, "{\"adapter\": \"" + model + "\", \"model\": \"demo\", \"out\": \"whole\"}");
            assertThat(merge.get("status").textValue()).as(merge.toString()).isEqualTo("succeeded");
            assertThat(merge.at("/result/quantization").textValue()).isEqualTo("nf4-dq-float16");
            assertThat(merge.at("/result/quantized_difference").doubleValue()).isBetween(1e-3, 1.0);
        }
    }

    @Test
    void afterARestartAnAdapterSaysWhichBaseItMissesAndAnswersOnceThatIsLoaded() throws Exception {
        var first = PackagedServer.start(PackagedServer.DEMO);
        var jobs = new TrainingJobs(first);
        String id = jobs.create("demo", jobs.upload(), OPTIONS);
        jobs.events(id);
        String model = jobs.get(id).get("fine_tuned_model").textValue();
        String before = first.chat(model);
        Path data = first.kill();
        try (var server = PackagedServer.start(Map.of(), data, PackagedServer.DEMO)) {
            String question = "{\"model\": \"" + model + "\", \"prompt\": \"a\", \"max_tokens\": 1}";
            var refused = server.post("/v1/completions", question);
            assertThat(refused.status()).as(refused.toString()).isEqualTo(404);
            String remedy = "{\"model\": \"" + BASE + "\"}";
            assertThat(refused.error()).contains(model, BASE, "POST /models/load", remedy);
            assertThat(server.post("/models/load", remedy).status()).isEqualTo(200);
            long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
            while (server.post("/v1/completions", question).status() != 200 && System.nanoTime() < end) {
                Thread.sleep(100);
            }
            assertThat(server.chat(model)).isEqualTo(before);
        }
    }

    @Test
    void aJobThatWasKilledBringsItsBaseAgainAndEndsAsOneThatWasNot() throws Exception {
        TreeMap<Integer, Double> whole;
        byte[] adapter;
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            var jobs = new TrainingJobs(server);
            String id = jobs.create("demo", jobs.upload(), OPTIONS);
            whole = losses(jobs.events(id));
            adapter = Files.readAllBytes(server.data().resolve("jobs").resolve(id).resolve("output/adapter_model.safetensors"));
        }
        assertThat(whole).hasSize(8);
        var killed = PackagedServer.start(PackagedServer.DEMO);
        var first = new TrainingJobs(killed);
        String id = first.create("demo", first.upload(), OPTIONS);
        first.follow(id, "Step 4/8");
        Path data = killed.kill();
        try (var server = PackagedServer.start(Map.of(), data, PackagedServer.DEMO)) {
            var jobs = new TrainingJobs(server);
            var events = jobs.events(id);
            assertThat(jobs.get(id).get("status").textValue()).isEqualTo("succeeded");
            assertThat(events).extracting(event -> event.get("message").textValue())
                    .anyMatch(message -> message.startsWith("Training goes on from the checkpoint of step "));
            assertThat(losses(events)).isEqualTo(whole);
            assertThat(server.data().resolve("jobs").resolve(id).resolve("output/adapter_model.safetensors")).hasBinaryContent(adapter);
        }
    }

    @Test
    void onAQuantisedBaseOptionsThatAskForAnotherAreRefusedAndThoseThatAskForItAreNot() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            var jobs = new TrainingJobs(server);
            String file = jobs.upload();
            String first = jobs.create("demo", file, "\"lorikeet\": {\"load_in_8bit\": true, \"optim\": \"adamw_8bit\", \"max_steps\": 1}");
            assertThat(jobs.ended(first).get("fine_tuned_model").textValue()).startsWith("ft:demo:llm-int8::");
            var otherwise = jobs.ask("demo:llm-int8", file, "\"lorikeet\": {\"load_in_4bit\": true}");
            assertThat(otherwise.status()).isEqualTo(400);
            assertThat(otherwise.error()).contains("demo:llm-int8", "already quantised");
            String plain = jobs.create("demo:llm-int8", file, "\"lorikeet\": {\"max_steps\": 1}");
            assertThat(jobs.ended(plain).get("fine_tuned_model").textValue()).startsWith("ft:demo:llm-int8::");
            String same = jobs.create("demo:llm-int8", file, "\"lorikeet\": {\"load_in_8bit\": true, \"max_steps\": 1}");
            assertThat(jobs.ended(same).get("status").textValue()).isEqualTo("succeeded");
            var both = jobs.ask("demo", file, "\"lorikeet\": {\"load_in_4bit\": true, \"load_in_8bit\": true}");
            assertThat(both.status()).isEqualTo(400);
            assertThat(both.body().at("/error/param").textValue()).isEqualTo("lorikeet.load_in_8bit");
        }
    }
}
