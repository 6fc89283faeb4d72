package dev.lorikeet.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import okhttp3.MediaType;
import okhttp3.MultipartBody;
import okhttp3.RequestBody;

/// Has a server carry out a recipe, and shows how it goes.
public final class TrainClient {
    private static final String JOBS = "/v1/fine_tuning/jobs";
    private static final List<String> FINAL = List.of("succeeded", "failed", "cancelled");
    private static final RequestBody NOTHING = RequestBody.create(new byte[0]);

    private final Server server;
    private final LiveLine line;

    public TrainClient(Server server, LiveLine line) {
        this.server = server;
        this.line = line;
    }

    /// Until an adapter has been made. @throws IOException if none comes of it
    public void run(Recipe recipe, String model) throws IOException {
        String hash = recipe.sha256(model);
        Optional<JsonNode> unfinished = unfinished(hash);
        JsonNode job = unfinished.isPresent() ? goOn(unfinished.get()) : create(recipe, model, hash);
        String id = job.get("id").textValue();
        line.print("job " + id + (unfinished.isPresent() ? " goes on" : ""));
        follow(id);
        JsonNode ended = server.get(JOBS + "/" + id);
        String status = ended.get("status").textValue();
        if (!status.equals("succeeded")) {
            String why = PlainText.of(ended.at("/error/message").asText(""));
            throw new IOException("the job has ended as " + status + (why.isEmpty() ? "" : ": " + why));
        }
        line.print("made " + ended.get("fine_tuned_model").textValue());
    }

    /// A job of the same recipe that an earlier run has left.
    private Optional<JsonNode> unfinished(String hash) throws IOException {
        for (JsonNode job : server.get(JOBS + "?limit=100&metadata%5Brecipe_sha256%5D=" + hash).get("data")) {
            if (!FINAL.contains(job.get("status").textValue())) {
                return Optional.of(job);
            }
        }
        return Optional.empty();
    }

    private JsonNode goOn(JsonNode job) throws IOException {
        return job.get("status").textValue().equals("paused") ? server.post(JOBS + "/" + job.get("id").textValue() + "/resume", NOTHING) : job;
    }

    private JsonNode create(Recipe recipe, String model, String hash) throws IOException {
        ObjectNode body = recipe.job().deepCopy();
        body.put("model", model).put("training_file", upload(recipe.trainingFile()));
        if (recipe.validationFile().isPresent()) {
            body.put("validation_file", upload(recipe.validationFile().get()));
        }
        ObjectNode metadata = body.withObjectProperty("metadata");
        metadata.put("recipe", recipe.file().getFileName().toString()).put("recipe_sha256", hash);
        return server.post(JOBS, body);
    }

    /// @return the id of the file, or the name of the data set, which the server brings itself
    private String upload(Recipe.Rows rows) throws IOException {
        return rows.file().isPresent() ? upload(rows.file().get()) : rows.name();
    }

    private String upload(Path file) throws IOException {
        var bytes = RequestBody.create(file.toFile(), MediaType.get("application/octet-stream"));
        var body = new MultipartBody.Builder().setType(MultipartBody.FORM).addFormDataPart("purpose", "fine-tune")
                .addFormDataPart("file", file.getFileName().toString(), bytes).build();
        return server.post("/v1/files", body).get("id").textValue();
    }

    /// Shows every event until the job ends.
    private void follow(String id) throws IOException {
        try (var events = server.events(server.stream(JOBS + "/" + id + "/events?stream=true"))) {
            for (var event = events.next(); event.isPresent(); event = events.next()) {
                show(event.get(), line);
            }
        } finally {
            line.close();
        }
    }

    /// One that holds something else than an event is shown as it is: whoever sent it may be no server of this kind.
    static void show(JsonNode event, LiveLine line) {
        JsonNode data = event.path("data");
        if (!data.path("train_loss").isNumber()) {
            line.print(event.path("message").asText(event.toString()));
        } else if (line.isTerminal()) {
            line.show(ProgressBar.text(data.path("step").longValue(), data.path("total_steps").longValue()) + "  " + step(data));
        } else {
            line.print("step " + step(data));
        }
    }

    private static String step(JsonNode data) {
        long left = Math.round(data.path("eta_seconds").doubleValue());
        return String.format(Locale.ROOT, "%d/%d  loss %.4f  %.0f tokens/s  %s left%s", data.path("step").intValue(), data.path("total_steps").intValue(),
                data.path("train_loss").doubleValue(), data.path("tokens_per_second").doubleValue(), clock(left),
                data.has("rewards/margins") ? preference(data) : "");
    }

    /// How far a step of preference tuning tells the better answers from the worse.
    private static String preference(JsonNode data) {
        return String.format(Locale.ROOT, "  margin %.4f  accuracy %.2f", data.path("rewards/margins").doubleValue(), data.path("rewards/accuracies").doubleValue());
    }

    /// `1:05`, `2:00:09`.
    static String clock(long seconds) {
        return seconds < 3600 ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
}
