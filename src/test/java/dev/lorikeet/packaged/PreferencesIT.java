package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.model.Fixtures;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Preference tuning as a user does it: rows, job, events, numbers, the result; and through a kill.
class PreferencesIT {
    private static final JsonNode TRL = Fixtures.json(Path.of("src/test/resources/training/dpo.json"));
    private static final String ROWS = """
            {"input": {"messages": [{"role": "user", "content": "%1$d 안녕"}]}, "preferred_output": [{"role": "assistant", "content": "안녕하세요, 반가워요."}], \
            "non_preferred_output": [{"role": "assistant", "content": "뭐."}]}
            {"prompt": [{"role": "user", "content": "%1$d?"}], "chosen": [{"role": "assistant", "content": "%1$d입니다."}], "rejected": [{"role": "assistant", "content": "몰라."}]}
            {"system": "공손하게", "question": "%1$d번", "chosen": "네, %1$d번입니다.", "rejected": "싫어."}
            """;

    @TempDir
    Path folder;

    private Path rows(int from, int count) throws Exception {
        var text = new StringBuilder();
        for (int i = from; i < from + count; i++) {
            text.append(ROWS.formatted(i));
        }
        return Files.writeString(folder.resolve("rows-" + from + ".jsonl"), text);
    }

    private static String metrics(PackagedServer server) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(HttpRequest.newBuilder(server.uri("/metrics")).build(), HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    private static List<JsonNode> steps(List<JsonNode> events) {
        return events.stream().map(event -> event.get("data")).filter(data -> data.has("train_loss")).toList();
    }

    /// From the same adapter on the same rows as TRL (`src/test/python/dpo_reference.py`).
    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "gemma3"})
    void theLossesAndRewardsOfAJobAreThoseOfTrl(String family) throws Exception {
        var expected = TRL.at("/families/" + family + "/cases/continued/steps");
        var start = Fixtures.folder(family).resolve("lora/end").toAbsolutePath();
        var lines = new ArrayList<String>();
        TRL.get("rows").forEach(row -> lines.add(row.toString()));
        try (var server = PackagedServer.start(Fixtures.folder(family), "--dtype", "float32", "--adapter", "start=" + start)) {
            var jobs = new TrainingJobs(server);
            String id = jobs.create("start", jobs.upload(Files.write(folder.resolve("rows.jsonl"), lines)), """
                    "method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": %s}}}, "lorikeet": {"max_steps": 8, "learning_rate": %s, "max_grad_norm": %s,
                     "lr_scheduler_type": "constant"}""".formatted(TRL.get("beta"), TRL.get("learning_rate"), TRL.get("max_grad_norm")));
            var steps = steps(jobs.events(id));
            assertThat(jobs.get(id).get("status").textValue()).as(jobs.get(id).toString()).isEqualTo("succeeded");
            assertThat(steps).hasSameSizeAs(expected);
            for (int i = 0; i < steps.size(); i++) {
                assertThat(steps.get(i).get("train_loss").doubleValue()).isCloseTo(expected.get(i).get("loss").doubleValue(), within(1e-3));
                for (String metric : List.of("rewards/chosen", "rewards/rejected", "rewards/accuracies", "rewards/margins", "logps/chosen", "logps/rejected")) {
                    assertThat(steps.get(i).get(metric).doubleValue()).as("%s of step %d", metric, i + 1).isCloseTo(expected.get(i).get(metric).doubleValue(), within(1e-3));
                }
            }
        }
    }

    @Test
    void heldOutPairsArePreferredMoreAndMoreAndEverythingIsToldOfIt() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            var jobs = new TrainingJobs(server);
            String training = jobs.upload(rows(1, 8));
            String validation = jobs.upload(rows(50, 2));
            var report = jobs.ask("demo", training, "\"method\": {\"type\": \"dpo\"}, \"dry_run\": true").body();
            assertThat(report.get("pairs").intValue()).as(report.toString()).isEqualTo(24);
            assertThat(report.get("bad_row_count").intValue()).isZero();
            String id = jobs.create("demo", training, "\"validation_file\": \"" + validation + """
                    ", "seed": 3, "method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1, "n_epochs": 3, "batch_size": 4}}}, "lorikeet": {"learning_rate": 0.002,
                     "target_modules": "all-linear", "eval_strategy": "epoch", "save_strategy": "epoch", "report_to": "tensorboard", "generate_samples": 2}""");
            var events = jobs.events(id);
            var job = jobs.get(id);
            assertThat(job.get("status").textValue()).as(job.toString()).isEqualTo("succeeded");
            var evaluations = events.stream().map(event -> event.get("data")).filter(data -> data.has("eval_rewards/margins")).toList();
            assertThat(evaluations).hasSize(3);
            assertThat(evaluations.getLast().get("eval_rewards/margins").doubleValue()).isGreaterThan(evaluations.getFirst().get("eval_rewards/margins").doubleValue());
            assertThat(evaluations.getLast().get("eval_rewards/accuracies").doubleValue()).isEqualTo(1);
            assertThat(evaluations.getLast().get("valid_loss").doubleValue()).isLessThan(evaluations.getFirst().get("valid_loss").doubleValue());
            var checkpoint = server.get("/v1/fine_tuning/jobs/" + id + "/checkpoints").body().at("/data/0/metrics");
            assertThat(checkpoint.fieldNames()).toIterable().contains("train_loss", "rewards/chosen", "rewards/rejected", "rewards/accuracies", "rewards/margins", "logps/chosen",
                    "logps/rejected", "eval_rewards/margins");
            try (var files = Files.list(server.data().resolve("jobs").resolve(id).resolve("output/runs").resolve(id))) {
                assertThat(Files.readString(files.findFirst().orElseThrow(), java.nio.charset.StandardCharsets.ISO_8859_1)).contains("train/rewards/margins", "eval/rewards/accuracies");
            }
            assertThat(job.get("result_files")).hasSize(2);
            assertThat(firstLogprob(server, job.get("fine_tuned_model").textValue())).isNotEqualTo(firstLogprob(server, "demo"));
        }
    }

    /// Of the first token of a greedy answer.
    private static double firstLogprob(PackagedServer server, String model) throws Exception {
        var answer = server.post("/v1/chat/completions", "{\"model\": \"" + model + "\", \"temperature\": 0, \"max_tokens\": 1, \"logprobs\": true, "
                + "\"messages\": [{\"role\": \"user\", \"content\": \"안녕\"}]}");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return answer.body().at("/choices/0/logprobs/content/0/logprob").doubleValue();
    }

    @Test
    void aJobThatWasKilledGoesOnByItselfAndEndsAsOneThatWasNot() throws Exception {
        String options = """
                "seed": 5, "method": {"type": "dpo"}, "lorikeet": {"r": 4, "max_steps": 10, "save_steps": 3, "per_device_train_batch_size": 2, "learning_rate": 0.01,
                 "precompute_ref_log_probs": true}""";
        byte[] adapter;
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            var jobs = new TrainingJobs(server);
            String id = jobs.create("demo", jobs.upload(rows(1, 4)), options);
            assertThat(jobs.ended(id).get("status").textValue()).isEqualTo("succeeded");
            adapter = Files.readAllBytes(server.data().resolve("jobs").resolve(id).resolve("output/adapter_model.safetensors"));
        }
        var killed = PackagedServer.start(PackagedServer.DEMO);
        String id = new TrainingJobs(killed).create("demo", new TrainingJobs(killed).upload(rows(1, 4)), options);
        new TrainingJobs(killed).follow(id, "Step 5/10");
        assertThat(metrics(killed)).containsPattern("lorikeet_training_reward_margin [0-9.]").containsPattern("lorikeet_training_logps_chosen -[0-9.]")
                .containsPattern("lorikeet_training_reward_accuracy (0\\.[5-9]|1)");
        Path data = killed.kill();
        try (var server = PackagedServer.start(Map.of(), data, PackagedServer.DEMO)) {
            assertThat(new TrainingJobs(server).ended(id).get("status").textValue()).isEqualTo("succeeded");
            assertThat(server.data().resolve("jobs").resolve(id).resolve("output/adapter_model.safetensors")).hasBinaryContent(adapter);
        }
    }

    @Test
    void rowsThatAreNoPairsFailTheJobWithTheirLine() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            var jobs = new TrainingJobs(server);
            var bad = Files.writeString(folder.resolve("bad.jsonl"), ROWS.formatted(1) + "{\"prompt\": \"a\", \"chosen\": \"b\"}\n");
            var error = jobs.ended(jobs.create("demo", jobs.upload(bad), "\"method\": {\"type\": \"dpo\"}")).get("error");
            assertThat(error.get("code").textValue()).isEqualTo("invalid_training_file");
            assertThat(error.get("message").textValue()).contains("line 4").contains("no known kind of pair");
            var supervised = jobs.ended(jobs.create("demo", jobs.upload(rows(1, 4)), "\"lorikeet\": {\"max_steps\": 1}")).get("error");
            assertThat(supervised.get("message").textValue()).contains("dpo");
        }
    }
}
