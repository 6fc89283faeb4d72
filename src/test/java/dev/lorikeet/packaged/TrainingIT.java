package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.JobCreateParams;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Training as a user does it: upload, job, live events, calling the result; and through a kill.
class TrainingIT {
    private static final String OPTIONS = "\"seed\": 5, \"lorikeet\": {\"r\": 4, \"max_steps\": 12, \"save_strategy\": \"steps\", \"save_steps\": 3, "
            + "\"per_device_train_batch_size\": 2, \"learning_rate\": 0.01, \"lora_dropout\": 0.1, \"target_modules\": \"all-linear\"}";

    private static String create(TrainingJobs jobs) throws Exception {
        return jobs.create("demo", jobs.upload(), OPTIONS);
    }

    private static TreeMap<Integer, Double> losses(List<JsonNode> events) {
        var losses = new TreeMap<Integer, Double>();
        events.stream().map(event -> event.get("data")).filter(data -> data.has("train_loss"))
                .forEach(data -> losses.put(data.get("step").intValue(), data.get("train_loss").doubleValue()));
        return losses;
    }

    @Test
    void aJobIsWatchedAndItsCheckpointsAndResultAnswerAtOnce() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            var jobs = new TrainingJobs(server);
            String id = create(jobs);
            jobs.follow(id, "Checkpoint created at step 3");
            assertThat(server.chat(id + ":ckpt-step-3")).isNotNull();
            var job = jobs.ended(id);
            assertThat(job.get("status").textValue()).as(job.toString()).isEqualTo("succeeded");
            String model = job.get("fine_tuned_model").textValue();
            assertThat(model).matches("ft:demo:::[0-9A-Za-z]{8}");
            assertThat(server.chat(model)).isNotEqualTo(server.chat("demo"));
            assertThat(server.get("/v1/models").body().toString()).contains(model, id + ":ckpt-step-12");
            var lastSteps = losses(jobs.events(id));
            assertThat(lastSteps).hasSize(12);
            assertThat(lastSteps.get(12)).isLessThan(lastSteps.get(1));
        }
    }

    @Test
    void aJobThatWasKilledGoesOnByItselfAndEndsAsOneThatWasNot() throws Exception {
        TreeMap<Integer, Double> whole;
        byte[] adapter;
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            var jobs = new TrainingJobs(server);
            String id = create(jobs);
            whole = losses(jobs.events(id));
            adapter = Files.readAllBytes(server.data().resolve("jobs").resolve(id).resolve("output/adapter_model.safetensors"));
        }
        var killed = PackagedServer.start(PackagedServer.DEMO);
        String id = create(new TrainingJobs(killed));
        new TrainingJobs(killed).follow(id, "Step 5/12");
        Path data = killed.kill();
        try (var server = PackagedServer.start(Map.of(), data, PackagedServer.DEMO)) {
            var jobs = new TrainingJobs(server);
            var events = jobs.events(id);
            assertThat(jobs.get(id).get("status").textValue()).isEqualTo("succeeded");
            assertThat(events).extracting(event -> event.get("message").textValue()).anyMatch(message -> message.contains("the job goes on from its newest checkpoint"))
                    .anyMatch(message -> message.startsWith("Training goes on from the checkpoint of step "));
            assertThat(losses(events)).isEqualTo(whole);
            assertThat(server.data().resolve("jobs").resolve(id).resolve("output/adapter_model.safetensors")).hasBinaryContent(adapter);
        }
    }

    @Test
    void openAisJavaClientUploadsStartsListsAndCancels() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            var jobs = new TrainingJobs(server);
            var client = jobs.client();
            String file = jobs.upload();
            assertThat(client.files().retrieve(file).filename()).isEqualTo("rows.jsonl");
            var job = client.fineTuning().jobs().create(JobCreateParams.builder().model("demo").trainingFile(file).suffix("java").seed(3)
                    .method(JobCreateParams.Method.builder().type(JobCreateParams.Method.Type.SUPERVISED).build()).build());
            assertThat(job.status()).isIn(FineTuningJob.Status.VALIDATING_FILES, FineTuningJob.Status.QUEUED, FineTuningJob.Status.RUNNING);
            assertThat(client.fineTuning().jobs().list().data()).extracting(FineTuningJob::id).containsExactly(job.id());
            assertThat(client.fineTuning().jobs().cancel(job.id()).status()).isEqualTo(FineTuningJob.Status.CANCELLED);
            assertThat(client.fineTuning().jobs().listEvents(job.id()).data().getFirst().message()).contains("cancelled");
            assertThat(client.files().delete(file).deleted()).isTrue();
        }
    }
}
