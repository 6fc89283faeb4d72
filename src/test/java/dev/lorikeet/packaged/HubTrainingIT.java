package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.hub.FakeHub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A job whose rows are a data set of the hub, and whose adapter goes there.
class HubTrainingIT {
    private static final Path DATA = Path.of("src/test/resources/data");

    @TempDir
    private Path folder;

    private static String options(String more) {
        return "\"lorikeet\": {\"r\": 2, \"max_steps\": 2, \"save_steps\": 1, \"per_device_train_batch_size\": 1" + more + "}";
    }

    private Map<String, String> environment(FakeHub hub) {
        return Map.of("HF_ENDPOINT", hub.url().toString(), "HF_HOME", folder.toString(), "HF_TOKEN", FakeHub.OWNER);
    }

    @Test
    void aDataSetOfManyParquetFilesIsLearnedAndTheAdapterIsPushedWithoutItsCheckpoints() throws Exception {
        byte[] rows = Files.readAllBytes(DATA.resolve("messages-snappy.parquet"));
        try (var hub = new FakeHub()) {
            hub.dataset("acme/qa").commit(Map.of("data/train-00000-of-00002.parquet", rows, "data/train-00001-of-00002.parquet", rows,
                    "data/validation-00000-of-00001.parquet", rows));
            try (var server = PackagedServer.start(environment(hub), PackagedServer.DEMO.toString())) {
                var jobs = new TrainingJobs(server);
                var dry = jobs.ask("demo", "acme/qa", "\"dry_run\": true");
                assertThat(dry.status()).as(dry.toString()).isEqualTo(200);
                int one = dry.body().get("rows").intValue();
                assertThat(dry.body().at("/duplicates").toString()).contains(String.valueOf(one / 2));
                var job = jobs.ended(jobs.create("demo", "acme/qa", options(", \"push_to_hub\": true, \"hub_model_id\": \"acme/made\", \"report_to\": \"tensorboard\"")));
                assertThat(job.get("status").textValue()).as(job.toString()).isEqualTo("succeeded");
                var events = server.get("/v1/fine_tuning/jobs/" + job.get("id").textValue() + "/events?limit=50").body().toString();
                assertThat(events).contains("The adapter is on the hub: " + hub.url() + "acme/made/commit/").doesNotContain(FakeHub.OWNER);
                var loaded = server.postText("/v1/load_lora_adapter", "{\"lora_name\": \"back\", \"lora_path\": \"acme/made\"}");
                assertThat(loaded).contains("Success");
                assertThat(server.chat("back")).isEqualTo(server.chat(job.get("fine_tuned_model").textValue()));
                assertThat(hub.model("acme/made").paths()).contains("adapter_model.safetensors", "README.md", "tokenizer.json", "trainer_state.json")
                        .anyMatch(path -> path.startsWith("runs/")).noneMatch(path -> path.contains("checkpoint-"));
            }
        }
    }

    @Test
    void whatTheHubRefusesIsSaidBeforeTheJobAndAnAdapterThatCannotBePushedStays() throws Exception {
        try (var hub = new FakeHub()) {
            hub.dataset("acme/qa").commit(Map.of("train.parquet", Files.readAllBytes(DATA.resolve("messages-snappy.parquet"))));
            try (var server = PackagedServer.start(environment(hub), PackagedServer.DEMO.toString())) {
                var jobs = new TrainingJobs(server);
                var unknown = jobs.ask("demo", "acme/nothing", options(""));
                assertThat(unknown.status()).isEqualTo(400);
                assertThat(unknown.body().at("/error/param").textValue()).isEqualTo("training_file");
                assertThat(unknown.error()).contains("acme/nothing");
                var split = jobs.ask("demo", "acme/qa", options(", \"training_split\": \"nowhere\""));
                assertThat(split.error()).contains("nowhere");
                assertThat(jobs.ask("demo", "acme/qa", options(", \"push_to_hub\": true")).body().at("/error/param").textValue()).isEqualTo("lorikeet.push_to_hub");
                var job = jobs.ended(jobs.create("demo", "acme/qa", options(", \"push_to_hub\": true, \"hub_model_id\": \"strangers/made\"")));
                assertThat(job.get("status").textValue()).isEqualTo("succeeded");
                assertThat(server.chat(job.get("fine_tuned_model").textValue())).isNotNull();
                assertThat(server.get("/v1/fine_tuning/jobs/" + job.get("id").textValue() + "/events?limit=50").body().toString())
                        .contains("The adapter could not be pushed to strangers/made");
            }
        }
    }

    @Test
    void aRecipeNamesADataSetToo() throws Exception {
        try (var hub = new FakeHub()) {
            hub.dataset("acme/qa").commit(Map.of("train.parquet", Files.readAllBytes(DATA.resolve("messages-snappy.parquet"))));
            Path recipe = Files.writeString(folder.resolve("recipe.yaml"), "training_file: acme/qa\nmax_steps: 1\nr: 2\n");
            Path log = folder.resolve("log");
            var launcher = PackagedServer.launcher(List.of("train", recipe.toString(), "--model", "models/demo", "--data", folder.resolve("data").toString()));
            launcher.environment().putAll(environment(hub));
            var process = launcher.redirectErrorStream(true).redirectOutput(log.toFile()).start();
            try {
                assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("still running").isTrue();
                assertThat(process.exitValue()).as(Files.readString(log)).isZero();
                assertThat(Files.readString(log)).contains("made ft:demo::");
            } finally {
                process.destroyForcibly();
            }
        }
    }
}
