package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two servers on one data folder, as replicas on a shared volume are.
class SharedDataIT {
    private static final Path FIXTURE = Path.of("src/test/resources/fixtures/llama");
    /// What is promised.
    private static final Duration SOON = Duration.ofSeconds(10);

    private Path data;
    private PackagedServer one;
    private PackagedServer other;

    @BeforeEach
    void choose() throws IOException {
        data = Files.createTempDirectory("lorikeet-it");
    }

    private void start(Path model) throws Exception {
        one = PackagedServer.start(Map.of(), data, model, "--threads", "1");
        other = PackagedServer.start(Map.of(), data, model, "--threads", "1");
    }

    @AfterEach
    void stop() throws Exception {
        other.end();
        other.awaitEnd();
        one.close();
    }

    private static <T> void await(T value, Callable<T> look) throws Exception {
        long end = System.nanoTime() + SOON.toNanos();
        T seen = look.call();
        while (!seen.equals(value) && System.nanoTime() < end) {
            seen = look.call();
        }
        assertThat(seen).isEqualTo(value);
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    /// Status, and the text if it answers.
    private static String complete(PackagedServer server, String model) throws Exception {
        var answer = server.post("/v1/completions", "{\"model\": \"" + model + "\", \"prompt\": \"a b c\", \"max_tokens\": 8, \"temperature\": 0}");
        return answer.status() + answer.body().at("/choices/0/text").asText();
    }

    @Test
    void whatOneLoadsReplacesRollsBackAndUnloadsTheOtherFollows() throws Exception {
        copy(FIXTURE.resolve("lora/start"), data.resolve("adapters/law-1"));
        copy(FIXTURE.resolve("lora/end"), data.resolve("adapters/law-2"));
        start(FIXTURE);
        one.postText("/v1/load_lora_adapter", "{\"lora_name\": \"law\", \"lora_path\": \"law-1\"}");
        String first = complete(one, "law");
        assertThat(first).startsWith("200");
        await(first, () -> complete(other, "law"));
        other.postText("/v1/load_lora_adapter", "{\"lora_name\": \"law\", \"lora_path\": \"law-2\", \"load_inplace\": true}");
        String second = complete(other, "law@2");
        assertThat(second).startsWith("200").isNotEqualTo(first);
        await(second, () -> complete(one, "law@2"));
        await(second, () -> complete(one, "law"));
        one.post("/v1/adapters/rollback", "{\"lora_name\": \"law\"}");
        await(first, () -> complete(other, "law"));
        assertThat(complete(other, "law@2")).isEqualTo(second);
        restartOther();
        assertThat(complete(other, "law")).as("who starts later has them when it is ready").isEqualTo(first);
        assertThat(complete(other, "law@2")).isEqualTo(second);
        other.postText("/v1/unload_lora_adapter", "{\"lora_name\": \"law\"}");
        await("404", () -> complete(one, "law"));
        one.postText("/v1/load_lora_adapter", "{\"lora_name\": \"law\", \"lora_path\": \"law-1\"}");
        await(first, () -> complete(other, "law@3"));
        assertThat(complete(other, "law@1")).as("a number is never given twice").isEqualTo("404");
    }

    private void restartOther() throws Exception {
        other.end();
        other.awaitEnd();
        other = PackagedServer.start(Map.of(), data, FIXTURE, "--threads", "1");
    }

    @Test
    void aFileThatOneTakesTheOtherHasUntilEitherDeletesIt() throws Exception {
        start(FIXTURE);
        String file = new TrainingJobs(one).upload();
        assertThat(other.get("/v1/files/" + file).body().get("filename").textValue()).isEqualTo("rows.jsonl");
        assertThat(other.get("/v1/files").body().at("/data/0/id").textValue()).isEqualTo(file);
        assertThat(new TrainingJobs(other).client().files().delete(file).deleted()).isTrue();
        assertThat(one.get("/v1/files/" + file).status()).isEqualTo(404);
    }

    private static String options(int steps) {
        return "\"seed\": 5, \"lorikeet\": {\"r\": 4, \"max_steps\": " + steps + ", \"save_strategy\": \"steps\", \"save_steps\": 3, "
                + "\"per_device_train_batch_size\": 2, \"learning_rate\": 0.01, \"lora_dropout\": 0.1, \"target_modules\": \"all-linear\"}";
    }

    private static TreeMap<Integer, List<Double>> losses(List<JsonNode> events) {
        var losses = new TreeMap<Integer, List<Double>>();
        events.stream().map(event -> event.get("data")).filter(step -> step.has("train_loss"))
                .forEach(step -> losses.computeIfAbsent(step.get("step").intValue(), _ -> new ArrayList<>()).add(step.get("train_loss").doubleValue()));
        return losses;
    }

    private byte[] adapter(String job) throws IOException {
        return Files.readAllBytes(data.resolve("jobs").resolve(job).resolve("output/adapter_model.safetensors"));
    }

    @Test
    void theOtherTakesOverTheJobOfAServerThatWasKilledAndEndsInTheSameNumbers() throws Exception {
        start(PackagedServer.DEMO);
        String id = new TrainingJobs(one).create("demo", new TrainingJobs(one).upload(), options(12));
        new TrainingJobs(other).follow(id, "Step 5/12");
        boolean first = one.log().contains("step 5/12");
        assertThat(other.log().contains("step 5/12")).as("one of them trains, not both").isNotEqualTo(first);
        (first ? one : other).kill();
        var survivor = new TrainingJobs(first ? other : one);
        var events = survivor.events(id);
        assertThat(survivor.get(id).get("status").textValue()).isEqualTo("succeeded");
        assertThat(events).extracting(event -> event.get("message").textValue())
                .contains("The server that ran it has ended; the job goes on from its newest checkpoint")
                .anyMatch(message -> message.matches("Training goes on from the checkpoint of step [369] of 12"));
        String again = survivor.create("demo", survivor.upload(), options(12));
        var undisturbed = losses(survivor.events(again));
        losses(events).forEach((step, values) -> assertThat(undisturbed.get(step)).as("step %d", step).containsOnly(values.toArray(Double[]::new)));
        assertThat(losses(events)).hasSize(12);
        assertThat(adapter(id)).isEqualTo(adapter(again));
        restart(first);
    }

    /// So that both can be stopped.
    private void restart(boolean first) throws Exception {
        var started = PackagedServer.start(Map.of(), data, PackagedServer.DEMO, "--threads", "1");
        if (first) {
            one = started;
        } else {
            other = started;
        }
    }

    @Test
    void everyJobIsDoneByOneAndWhatItMakesIsCallableInBoth() throws Exception {
        start(PackagedServer.DEMO);
        var jobs = List.of(new TrainingJobs(one), new TrainingJobs(other));
        var ids = new ArrayList<String>();
        String file = jobs.getFirst().upload();
        for (int i = 0; i < 6; i++) {
            ids.add(jobs.get(i % 2).create("demo", file, options(3)));
        }
        for (String id : ids) {
            var events = jobs.getFirst().events(id);
            assertThat(events).extracting(event -> event.get("message").textValue()).containsOnlyOnce("Fine-tuning job started", "Files validated, moving job to queued state",
                    "The job has successfully completed");
            assertThat(losses(events)).hasSize(3).allSatisfy((_, values) -> assertThat(values).hasSize(1));
            assertThat(jobs.getLast().get(id)).isEqualTo(jobs.getFirst().get(id));
        }
        assertThat(List.of(one.log(), other.log())).as("both have worked").allMatch(log -> log.contains(": step 3/3"));
        String model = jobs.getFirst().get(ids.getLast()).get("fine_tuned_model").textValue();
        await("200", () -> complete(one, model).substring(0, 3));
        await("200", () -> complete(other, model).substring(0, 3));
        await("200", () -> complete(one, ids.getFirst() + ":ckpt-step-3").substring(0, 3));
        await("200", () -> complete(other, ids.getFirst() + ":ckpt-step-3").substring(0, 3));
    }

    @Test
    void aJobIsPausedResumedAndCancelledFromEither() throws Exception {
        start(PackagedServer.DEMO);
        var jobs = new TrainingJobs(one);
        String id = jobs.create("demo", jobs.upload(), options(2000));
        jobs.follow(id, "Step 2/2000");
        var other = this.other.log().contains("step 2/2000") ? one : this.other;
        assertThat(other.post("/v1/fine_tuning/jobs/" + id + "/pause", "").status()).isEqualTo(200);
        jobs.follow(id, "The job was paused");
        assertThat(other.post("/v1/fine_tuning/jobs/" + id + "/resume", "").status()).isEqualTo(200);
        jobs.follow(id, "Training goes on from the checkpoint");
        assertThat(other.post("/v1/fine_tuning/jobs/" + id + "/cancel", "").status()).isEqualTo(200);
        assertThat(jobs.ended(id).get("status").textValue()).isEqualTo("cancelled");
        String next = jobs.create("demo", jobs.upload(), options(2));
        assertThat(jobs.ended(next).get("status").textValue()).as("both trainers are free").isEqualTo("succeeded");
    }
}
