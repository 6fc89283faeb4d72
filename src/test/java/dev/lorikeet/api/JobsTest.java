package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(ApiProfile.class)
class JobsTest {
    private static final String JOBS = "/v1/fine_tuning/jobs";

    @Inject
    FakeTraining training;

    @Inject
    FakeCatalog catalog;

    @TestHTTPResource
    URI server;

    @BeforeEach
    void reset() {
        catalog.reset();
        training.reset();
    }

    /// The one trainer thread must be free for the next test.
    @AfterEach
    void cancelAll() throws Exception {
        for (JsonNode job : json(given().get(JOBS + "?limit=100")).get("data")) {
            given().post(JOBS + "/" + job.get("id").textValue() + "/cancel");
        }
    }

    private static JsonNode json(Response response) throws Exception {
        return new ObjectMapper().readTree(response.asString());
    }

    private static String file(String rows) throws Exception {
        return json(given().multiPart("file", "train.jsonl", rows.getBytes(StandardCharsets.UTF_8)).multiPart("purpose", "fine-tune").post("/v1/files"))
                .get("id").textValue();
    }

    private static Response post(String body) {
        return given().contentType("application/json").body(body).post(JOBS);
    }

    private static String create(String rows, String more) throws Exception {
        Response response = post("{\"model\": \"demo\", \"training_file\": \"" + file(rows) + "\"" + more + "}");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        return json(response).get("id").textValue();
    }

    private static JsonNode get(String id) throws Exception {
        return json(given().get(JOBS + "/" + id));
    }

    /// Reads the live events to their end.
    private List<JsonNode> follow(String id) throws Exception {
        try (var http = new Http(server)) {
            http.send("GET " + JOBS + "/" + id + "/events?stream=true HTTP/1.1\r\nHost: localhost\r\n\r\n");
            var events = new ArrayList<JsonNode>();
            for (String line : http.readUntil("data: [DONE]").lines().filter(line -> line.startsWith("data: {")).toList()) {
                events.add(new ObjectMapper().readTree(line.substring(6)));
            }
            return events;
        }
    }

    private void awaitEvent(String id, String message) throws Exception {
        try (var http = new Http(server)) {
            http.send("GET " + JOBS + "/" + id + "/events?stream=true HTTP/1.1\r\nHost: localhost\r\n\r\n");
            http.readUntil(message);
        }
    }

    private static List<String> messages(Iterable<JsonNode> events) {
        return StreamSupport.stream(events.spliterator(), false).map(event -> event.get("message").textValue()).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/event-stream", "application/json", "*/*"})
    void eventsAreSentInWhateverWayAClientAcceptsThem(String accepted) throws Exception {
        String id = create("row", "");
        given().post(JOBS + "/" + id + "/cancel");
        Response listed = given().accept(accepted).get(JOBS + "/" + id + "/events");
        assertThat(listed.statusCode()).isEqualTo(200);
        assertThat(listed.contentType()).startsWith("application/json");
        Response streamed = given().accept(accepted).get(JOBS + "/" + id + "/events?stream=true");
        assertThat(streamed.statusCode()).as(streamed.asString()).isEqualTo(200);
        assertThat(streamed.contentType()).startsWith("text/event-stream");
        assertThat(streamed.asString()).endsWith("data: [DONE]\n\n");
    }

    @Test
    void aJobRunsToItsEndAndSaysSoInTheWordsOfOpenAi() throws Exception {
        training.allow(FakeTraining.STEPS);
        String id = create("row", ", \"suffix\": \"law-qa\", \"seed\": 7, \"metadata\": {\"team\": \"legal\"}, \"method\": {\"type\": \"supervised\", "
                + "\"supervised\": {\"hyperparameters\": {\"n_epochs\": 2, \"batch_size\": \"auto\", \"learning_rate_multiplier\": 2}}}");
        List<JsonNode> events = follow(id);
        JsonNode job = get(id);
        String name = "ft:demo::law-qa:" + id.substring(6, 14);
        assertThat(job.get("status").textValue()).isEqualTo("succeeded");
        assertThat(job.get("fine_tuned_model").textValue()).isEqualTo(name);
        assertThat(job.get("trained_tokens").intValue()).isEqualTo(123);
        assertThat(job.get("hyperparameters").toString()).isEqualTo("{\"n_epochs\":2,\"batch_size\":8,\"learning_rate_multiplier\":2.0}");
        assertThat(job.at("/method/supervised/hyperparameters")).isEqualTo(job.get("hyperparameters"));
        assertThat(job.at("/lorikeet/learning_rate").doubleValue()).isEqualTo(4e-4);
        assertThat(job.at("/metadata/team").textValue()).isEqualTo("legal");
        assertThat(job.get("error").isNull()).isTrue();
        assertThat(job.get("finished_at").isNumber()).isTrue();
        assertThat(training.isPublished(name)).isTrue();
        assertThat(messages(events)).containsSubsequence("Created fine-tuning job: " + id, "Files validated, moving job to queued state",
                "Fine-tuning job started", "Step 1/4: training loss=2.0000", "Checkpoint created at step 2 with name: " + id + ":ckpt-step-2",
                "New fine-tuned model created: " + name, "The job has successfully completed");
        assertThat(events).extracting(event -> event.get("id").textValue()).doesNotHaveDuplicates();
        JsonNode step = events.stream().filter(event -> event.get("type").textValue().equals("metrics")).findFirst().orElseThrow().get("data");
        assertThat(step.get("step").intValue()).isEqualTo(1);
        assertThat(step.get("train_loss").doubleValue()).isEqualTo(2.0);
        assertThat(step.fieldNames()).toIterable().contains("learning_rate", "grad_norm", "tokens_per_second", "eta_seconds");
    }

    @Test
    void baseAndCheckpointAnswerTheSamplePromptsAtEachCheckpoint() throws Exception {
        training.allow(FakeTraining.STEPS);
        String id = create("row", ", \"lorikeet\": {\"sample_prompts\": [\"Who are you?\"]}");
        var samples = follow(id).stream().filter(event -> event.get("data").has("samples")).toList();
        assertThat(messages(samples)).containsExactly("Base and checkpoint have answered the sample prompts at step 2",
                "Base and checkpoint have answered the sample prompts at step 4");
        assertThat(samples.getFirst().get("data").toString()).isEqualTo("{\"step\":2,\"samples\":[{\"prompt\":\"Who are you?\",\"base\":\"the base says\","
                + "\"adapter\":\"" + id + ":ckpt-step-2\"}]}");
    }

    @Test
    void samplePromptsThatCannotBeAnsweredAreWarnedOfAndDoNotHoldUpTheJob() throws Exception {
        training.allow(FakeTraining.STEPS);
        String id = create("row", ", \"lorikeet\": {\"sample_prompts\": [\"LONG\"]}");
        assertThat(messages(follow(id))).contains("The sample prompts could not be answered at step 2: the prompt is too long", "The job has successfully completed");
        for (String wrong : List.of("\"text\"", "[1]", "[\" \"]")) {
            assertThat(json(post("{\"model\": \"demo\", \"training_file\": \"" + file("row") + "\", \"lorikeet\": {\"sample_prompts\": " + wrong + "}}")).at("/error/param").textValue())
                    .isEqualTo("lorikeet.sample_prompts");
        }
    }

    @Test
    void aJobOfPreferencesSaysItsMethodAndWhatItsStepsHaveRewarded() throws Exception {
        training.allow(2 * FakeTraining.STEPS);
        String id = create("row", ", \"method\": {\"type\": \"dpo\", \"dpo\": {\"hyperparameters\": {\"beta\": 0.5, \"n_epochs\": 1}}}");
        List<JsonNode> events = follow(id);
        JsonNode job = get(id);
        assertThat(job.get("method").toString()).isEqualTo(
                "{\"type\":\"dpo\",\"dpo\":{\"hyperparameters\":{\"n_epochs\":1,\"batch_size\":8,\"learning_rate_multiplier\":1.0,\"beta\":0.5}}}");
        assertThat(job.at("/lorikeet/beta").doubleValue()).isEqualTo(0.5);
        assertThat(job.at("/lorikeet/learning_rate").doubleValue()).isEqualTo(5e-6);
        JsonNode step = events.stream().filter(event -> event.get("type").textValue().equals("metrics")).findFirst().orElseThrow().get("data");
        assertThat(step.get("rewards/accuracies").doubleValue()).isEqualTo(0.75);
        assertThat(given().get("/v1/files/" + job.at("/result_files/0").textValue() + "/content").asString()).startsWith("""
                step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy,rewards/accuracies,rewards/margins
                1,2.0,,,,0.75,0.125
                """);
        String automatic = create("row", ", \"method\": {\"type\": \"dpo\", \"dpo\": {\"hyperparameters\": {\"beta\": \"auto\"}}}");
        assertThat(get(automatic).at("/method/dpo/hyperparameters/beta").doubleValue()).isEqualTo(0.1);
    }

    @Test
    void theResultFileHasALineForEachStep() throws Exception {
        training.allow(FakeTraining.STEPS);
        String id = create("row", "");
        follow(id);
        String result = get(id).at("/result_files/0").textValue();
        assertThat(json(given().get("/v1/files/" + result)).get("purpose").textValue()).isEqualTo("fine-tune-results");
        var content = given().get("/v1/files/" + result + "/content");
        assertThat(content.contentType()).startsWith("text/csv");
        assertThat(content.asString()).isEqualTo("""
                step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy
                1,2.0,,,
                2,1.0,,1.5,0.5
                3,%s,,,
                4,0.5,,0.75,0.5
                """.formatted(2.0 / 3));
    }

    @Test
    void checkpointsCanBeCalledWhileTheJobStillRuns() throws Exception {
        training.allow(2);
        String id = create("row", "");
        awaitEvent(id, "Checkpoint created at step 2");
        assertThat(get(id).get("status").textValue()).isEqualTo("running");
        assertThat(get(id).get("estimated_finish").isNumber()).isTrue();
        assertThat(training.isPublished(id + ":ckpt-step-2")).isTrue();
        JsonNode page = json(given().get(JOBS + "/" + id + "/checkpoints"));
        assertThat(page.get("data")).hasSize(1);
        assertThat(page.at("/data/0/fine_tuned_model_checkpoint").textValue()).isEqualTo(id + ":ckpt-step-2");
        assertThat(page.at("/data/0/metrics/valid_loss").doubleValue()).isEqualTo(1.5);
        assertThat(page.get("first_id")).isEqualTo(page.at("/data/0/id"));
    }

    @Test
    void aPausedJobGoesOnFromItsCheckpointAfterResume() throws Exception {
        training.allow(1);
        String id = create("row", "");
        awaitEvent(id, "Step 1/4");
        assertThat(json(given().post(JOBS + "/" + id + "/pause")).get("status").textValue()).isEqualTo("paused");
        awaitEvent(id, "Checkpoint created at step 1");
        assertThat(json(given().post(JOBS + "/" + id + "/pause")).at("/error/message").textValue()).contains("paused");
        assertThat(json(given().post(JOBS + "/" + id + "/resume")).get("status").textValue()).isEqualTo("queued");
        training.allow(3);
        assertThat(messages(follow(id))).containsSubsequence("The job was paused", "Checkpoint created at step 1 with name: " + id + ":ckpt-step-1",
                "The job was resumed", "Training goes on from the checkpoint of step 1 of 4", "Step 2/4: training loss=1.0000");
        assertThat(get(id).get("status").textValue()).isEqualTo("succeeded");
    }

    @Test
    void aCancelledJobEndsAndCannotBeChangedAnyMore() throws Exception {
        String id = create("row", "");
        awaitEvent(id, "Fine-tuning job started");
        assertThat(json(given().post(JOBS + "/" + id + "/cancel")).get("status").textValue()).isEqualTo("cancelled");
        assertThat(messages(follow(id)).getLast()).isEqualTo("The job was cancelled");
        for (String verb : List.of("cancel", "pause", "resume")) {
            Response again = given().post(JOBS + "/" + id + "/" + verb);
            assertThat(again.statusCode()).isEqualTo(400);
            assertThat(again.asString()).contains("invalid_request_error", "cancelled");
        }
        training.allow(FakeTraining.STEPS);
        String next = create("row", "");
        follow(next);
        assertThat(get(next).get("status").textValue()).isEqualTo("succeeded");
    }

    @ParameterizedTest
    @CsvSource({"BAD, invalid_training_file, Line 2", "NAN, loss_not_finite, step 2: the loss", "FULL, storage_error, No space left", "OOM, out_of_memory, 5 GiB"})
    void whateverGoesWrongFailsTheJobWithItsReasonAndTheNextOneRuns(String rows, String code, String message) throws Exception {
        training.allow(3);
        String id = create(rows, "");
        List<JsonNode> events = follow(id);
        JsonNode job = get(id);
        assertThat(job.get("status").textValue()).isEqualTo("failed");
        assertThat(job.at("/error/code").textValue()).isEqualTo(code);
        assertThat(job.at("/error/message").textValue()).contains(message);
        assertThat(job.get("fine_tuned_model").isNull()).isTrue();
        assertThat(events.getLast().get("level").textValue()).isEqualTo("error");
        training.reset();
        training.allow(FakeTraining.STEPS);
        String next = create("row", "");
        follow(next);
        assertThat(get(next).get("status").textValue()).isEqualTo("succeeded");
    }

    @Test
    void aJobThatWaitsForItsModelGoesOnWhenTheModelIsBack() throws Exception {
        training.allow(2);
        String id = create("row", "");
        awaitEvent(id, "Checkpoint created at step 2");
        var loaded = catalog.entries().getFirst().state();
        catalog.become("demo", new dev.lorikeet.catalog.ModelState.Unloading());
        awaitEvent(id, "interrupted after a checkpoint");
        catalog.become("demo", loaded);
        training.allow(2);
        assertThat(messages(follow(id))).contains("Training goes on from the checkpoint of step 2 of 4");
        assertThat(get(id).get("status").textValue()).isEqualTo("succeeded");
    }

    @Test
    void aDryRunAnswersWithTheReportAndMakesNoJob() throws Exception {
        int before = json(given().get(JOBS + "?limit=100")).get("data").size();
        Response report = post("{\"model\": \"demo\", \"dry_run\": true, \"training_file\": \"" + file("BAD\nrow") + "\"}");
        assertThat(report.statusCode()).isEqualTo(200);
        assertThat(json(report).get("rows").intValue()).isEqualTo(2);
        assertThat(json(given().get(JOBS + "?limit=100")).get("data")).hasSize(before);
    }

    @Test
    void jobsAreListedNewestFirstInPagesAndByMetadata() throws Exception {
        String first = create("BAD", ", \"metadata\": {\"page\": \"x\"}");
        String second = create("BAD", ", \"metadata\": {\"page\": \"x\"}");
        String third = create("BAD", "");
        assertThat(ids(json(given().get(JOBS + "?limit=2")))).containsExactly(third, second);
        assertThat(ids(json(given().get(JOBS + "?limit=1&after=" + second)))).containsExactly(first);
        assertThat(ids(json(given().get(JOBS + "?metadata[page]=x")))).containsExactly(second, first);
        assertThat(ids(json(given().get(JOBS + "?metadata=null&limit=1")))).containsExactly(third);
        assertThat(given().get(JOBS + "?after=ftjob-none").statusCode()).isEqualTo(400);
    }

    private static List<String> ids(JsonNode page) {
        return StreamSupport.stream(page.get("data").spliterator(), false).map(job -> job.get("id").textValue()).toList();
    }

    @Test
    void eventsAreListedNewestFirstInPages() throws Exception {
        String id = create("BAD", "");
        follow(id);
        JsonNode newest = json(given().get(JOBS + "/" + id + "/events?limit=1"));
        assertThat(newest.at("/data/0/level").textValue()).isEqualTo("error");
        assertThat(newest.get("has_more").booleanValue()).isTrue();
        JsonNode rest = json(given().get(JOBS + "/" + id + "/events?after=" + newest.at("/data/0/id").textValue()));
        assertThat(messages(rest.get("data"))).endsWith("Created fine-tuning job: " + id);
        assertThat(rest.get("has_more").booleanValue()).isFalse();
        assertThat(given().get(JOBS + "/" + id + "/events?after=ftevent-x").statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "\"model\": null; model; 400",
        "\"model\": \"gpt-9\"; model; 404",
        "\"model\": \"cold\"; model; 400",
        "\"training_file\": \"file-zz\"; training_file; 404",
        "\"validation_file\": \"file-zz\"; validation_file; 404",
        "\"suffix\": \"a:b\"; suffix; 400",
        "\"seed\": -1; seed; 400",
        "\"metadata\": {\"a\": 1}; metadata.a; 400",
        "\"integrations\": [{\"type\": \"wandb\"}]; integrations; 400",
        "\"method\": {\"type\": \"reinforcement\"}; method.type; 400",
        "\"method\": {\"type\": \"dpo\", \"supervised\": {}}; method.supervised; 400",
        "\"method\": {\"type\": \"dpo\", \"dpo\": {\"hyperparameters\": {\"beta\": 2.5}}}; method.dpo.hyperparameters.beta; 400",
        "\"method\": {\"type\": \"supervised\", \"supervised\": {\"hyperparameters\": {\"beta\": 1}}}; method.supervised.hyperparameters.beta; 400",
        "\"method\": {\"type\": \"dpo\", \"dpo\": {\"hyperparameters\": {\"beta\": 1}}}, \"lorikeet\": {\"beta\": 2}; lorikeet.beta; 400",
        "\"method\": {\"type\": \"dpo\"}, \"lorikeet\": {\"beta\": \"big\"}; lorikeet.beta; 400",
        "\"method\": {\"type\": \"dpo\"}, \"lorikeet\": {\"loss_type\": \"kto\"}; lorikeet.loss_type; 400",
        "\"method\": {\"type\": \"dpo\"}, \"lorikeet\": {\"loss_type\": \"ipo\", \"label_smoothing\": 0.1}; lorikeet.label_smoothing; 400",
        "\"method\": {\"type\": \"dpo\"}, \"lorikeet\": {\"packing\": true}; lorikeet.packing; 400",
        "\"method\": {\"type\": \"dpo\"}, \"lorikeet\": {\"train_on_inputs\": false}; lorikeet.train_on_inputs; 400",
        "\"method\": {\"type\": \"dpo\"}, \"lorikeet\": {\"max_prompt_length\": 0}; lorikeet.max_prompt_length; 400",
        "\"method\": {\"type\": \"dpo\"}, \"lorikeet\": {\"truncation_mode\": \"middle\"}; lorikeet.truncation_mode; 400",
        "\"method\": {\"type\": \"dpo\"}, \"lorikeet\": {\"max_length\": 64, \"cutoff_len\": 32}; lorikeet.max_length; 400",
        "\"lorikeet\": {\"loss_type\": \"sigmoid\"}; lorikeet.loss_type; 400",
        "\"lorikeet\": {\"truncation_mode\": \"keep_end\"}; lorikeet.truncation_mode; 400",
        "\"hyperparameters\": {\"n_epochs\": 0}; hyperparameters.n_epochs; 400",
        "\"hyperparameters\": {\"beta\": 0.1}; hyperparameters.beta; 400",
        "\"lorikeet\": {\"rank\": 8}; lorikeet.rank; 400",
        "\"lorikeet\": {\"r\": 0}; lorikeet.r; 400",
        "\"lorikeet\": {\"num_train_epochs\": 2}, \"hyperparameters\": {\"n_epochs\": 3}; lorikeet.num_train_epochs; 400",
        "\"learning_rate\": 0.1; learning_rate; 400"})
    void whatIsNotUnderstoodIsRefusedByName(String field, String param, int status) throws Exception {
        String model = field.contains("\"model\"") ? "" : "\"model\": \"demo\", ";
        String file = field.contains("\"training_file\"") ? "" : "\"training_file\": \"" + file("row") + "\", ";
        Response response = post("{" + model + file + field + "}");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
        assertThat(json(response).at("/error/param").textValue()).as(response.asString()).isEqualTo(param);
    }

    @Test
    void anUnknownJobIsNotFound() throws Exception {
        assertThat(given().get(JOBS + "/ftjob-none").statusCode()).isEqualTo(404);
        assertThat(given().post(JOBS + "/ftjob-none/cancel").statusCode()).isEqualTo(404);
        assertThat(given().get(JOBS + "/ftjob-none/events").statusCode()).isEqualTo(404);
        assertThat(json(given().get(JOBS + "/ftjob-none/checkpoints")).at("/error/message").textValue()).contains("ftjob-none");
    }
}
