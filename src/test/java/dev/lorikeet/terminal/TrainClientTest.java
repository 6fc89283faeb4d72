package dev.lorikeet.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainClientTest {
    private static final String CLEAR = "\r\u001b[K";
    private static final List<String> EVENTS = List.of("""
            {"message": "The job is running", "data": {}}""", """
            {"message": "step 1", "data": {"step": 1, "total_steps": 4, "train_loss": 2.5, "tokens_per_second": 360.4, "eta_seconds": 3725}}""", """
            {"message": "Checkpoint 1 \\u001b[2J", "data": {}}""", """
            {"message": "step 4", "data": {"step": 4, "total_steps": 4, "train_loss": 1.25, "tokens_per_second": 400, "eta_seconds": 0}}""");

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private ScriptedServer server;
    private Recipe recipe;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        server = new ScriptedServer();
        Files.writeString(folder.resolve("줄.jsonl"), "{\"text\": \"a\"}\n");
        recipe = Recipe.read(Files.writeString(folder.resolve("recipe.yaml"), "training_file: 줄.jsonl\nmax_steps: 4\n"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void serve(String status, List<String> events) {
        server.json("{\"data\": [{\"id\": \"ftjob-0\", \"status\": \"failed\"}]}");
        server.json("{\"id\": \"file-1\"}");
        server.json("{\"id\": \"ftjob-1\", \"status\": \"queued\"}");
        server.events(true, events);
        server.json(status);
    }

    private String train(Screen screen) throws Exception {
        new TrainClient(server.client(), new LiveLine(new PrintStream(bytes, true, StandardCharsets.UTF_8), screen)).run(recipe, "demo");
        return written();
    }

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    @Test
    void onATerminalStepsAreABarUnderWhatHappens() throws Exception {
        serve("{\"status\": \"succeeded\", \"fine_tuned_model\": \"ft:demo::x\"}", EVENTS);
        String first = "[======>                 ]  25%  1/4  loss 2.5000  360 tokens/s  1:02:05 left";
        assertThat(train(new Screen(100))).isEqualTo("job ftjob-1\nThe job is running\n" + CLEAR + first + CLEAR + "Checkpoint 1 ␛[2J\n" + first
                + CLEAR + "[========================] 100%  4/4  loss 1.2500  400 tokens/s  0:00 left\nmade ft:demo::x\n");
    }

    @Test
    void elsewhereEachStepIsALine() throws Exception {
        serve("{\"status\": \"succeeded\", \"fine_tuned_model\": \"ft:demo::x\"}", EVENTS);
        assertThat(train(Screen.NONE)).isEqualTo("job ftjob-1\nThe job is running\nstep 1/4  loss 2.5000  360 tokens/s  1:02:05 left\nCheckpoint 1 ␛[2J\n"
                + "step 4/4  loss 1.2500  400 tokens/s  0:00 left\nmade ft:demo::x\n");
    }

    @Test
    void anEventThatLacksFieldsIsShownAsFarAsItGoes() throws Exception {
        serve("{\"status\": \"succeeded\", \"fine_tuned_model\": \"ft:demo::x\"}", List.of("{\"data\": null}", "{\"data\": {\"train_loss\": 1}}", "5"));
        assertThat(train(Screen.NONE)).isEqualTo("job ftjob-1\n{\"data\":null}\nstep 0/0  loss 1.0000  0 tokens/s  0:00 left\n5\nmade ft:demo::x\n");
    }

    @Test
    void rowsAndOptionsAreSent() throws Exception {
        serve("{\"status\": \"succeeded\", \"fine_tuned_model\": \"ft:demo::x\"}", List.of());
        train(Screen.NONE);
        assertThat(server.request().getTarget()).startsWith("/v1/fine_tuning/jobs?limit=100&metadata%5Brecipe_sha256%5D=" + recipe.sha256("demo"));
        assertThat(server.request().getBody().utf8()).contains("fine-tune", "filename=\"줄.jsonl\"", "{\"text\": \"a\"}");
        assertThat(server.requestBody()).isEqualTo(Server.JSON.readTree("""
                {"lorikeet": {"max_steps": 4}, "model": "demo", "training_file": "file-1", "metadata": {"recipe": "recipe.yaml", "recipe_sha256": "%s"}}"""
                .formatted(recipe.sha256("demo"))));
    }

    @Test
    void aJobThatAnEarlierRunHasPausedGoesOn() throws Exception {
        server.json("{\"data\": [{\"id\": \"ftjob-7\", \"status\": \"paused\"}]}");
        server.json("{\"id\": \"ftjob-7\", \"status\": \"queued\"}");
        server.events(true, List.of());
        server.json("{\"status\": \"succeeded\", \"fine_tuned_model\": \"ft:demo::x\"}");
        assertThat(train(Screen.NONE)).isEqualTo("job ftjob-7 goes on\nmade ft:demo::x\n");
        server.request();
        assertThat(server.request().getTarget()).isEqualTo("/v1/fine_tuning/jobs/ftjob-7/resume");
    }

    @Test
    void aJobThatFailsIsAnErrorWithItsReason() {
        serve("{\"status\": \"failed\", \"error\": {\"message\": \"row 3 is no JSON\"}}", List.of());
        assertThatThrownBy(() -> train(Screen.NONE)).isInstanceOf(IOException.class).hasMessage("the job has ended as failed: row 3 is no JSON");
    }

    @Test
    void aRefusedRecipeIsWrong() {
        server.json("{\"data\": []}");
        server.status(400, "{\"error\": {\"message\": \"`max_steps` is `x`\"}}");
        assertThatThrownBy(() -> train(Screen.NONE)).isInstanceOf(WrongRequest.class).hasMessage("`max_steps` is `x`");
    }
}
