package dev.lorikeet.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// Has a server carry out a recipe, and shows how it goes.
final class TrainClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JOBS = "/v1/fine_tuning/jobs";
    private static final List<String> FINAL = List.of("succeeded", "failed", "cancelled");

    private final String server;
    private final PrintStream out;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    TrainClient(String server, PrintStream out) {
        this.server = server.replaceAll("/+$", "").replaceAll("/v1$", "");
        this.out = out;
    }

    /// The server does not do what it was asked, and says why.
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    /// @return 0 when an adapter has been made, else 1
    int run(Recipe recipe, String model) throws IOException, InterruptedException {
        String hash = recipe.sha256(model);
        Optional<JsonNode> unfinished = unfinished(hash);
        JsonNode job = unfinished.isPresent() ? goOn(unfinished.get()) : create(recipe, model, hash);
        String id = job.get("id").textValue();
        out.println("job " + id + (unfinished.isPresent() ? " goes on" : ""));
        follow(id);
        JsonNode ended = get(JOBS + "/" + id);
        if (ended.get("status").textValue().equals("succeeded")) {
            out.println("made " + ended.get("fine_tuned_model").textValue());
            return 0;
        }
        out.println("the job has " + ended.get("status").textValue() + ended.at("/error/message").asText("").transform(why -> why.isEmpty() ? "" : ": " + why));
        return 1;
    }

    /// A job of the same recipe that an earlier run has left.
    private Optional<JsonNode> unfinished(String hash) throws IOException, InterruptedException {
        for (JsonNode job : get(JOBS + "?limit=100&metadata%5Brecipe_sha256%5D=" + hash).get("data")) {
            if (!FINAL.contains(job.get("status").textValue())) {
                return Optional.of(job);
            }
        }
        return Optional.empty();
    }

    private JsonNode goOn(JsonNode job) throws IOException, InterruptedException {
        return job.get("status").textValue().equals("paused") ? post(JOBS + "/" + job.get("id").textValue() + "/resume", BodyPublishers.noBody(),
                "application/json") : job;
    }

    private JsonNode create(Recipe recipe, String model, String hash) throws IOException, InterruptedException {
        ObjectNode body = recipe.job().deepCopy();
        body.put("model", model).put("training_file", upload(recipe.trainingFile()));
        if (recipe.validationFile().isPresent()) {
            body.put("validation_file", upload(recipe.validationFile().get()));
        }
        ObjectNode metadata = body.withObjectProperty("metadata");
        metadata.put("recipe", recipe.file().getFileName().toString()).put("recipe_sha256", hash);
        return post(JOBS, BodyPublishers.ofString(body.toString()), "application/json");
    }

    /// @return the id of the file, or the name of the data set, which the server brings itself
    private String upload(Recipe.Rows rows) throws IOException, InterruptedException {
        return rows.file().isPresent() ? upload(rows.file().get()) : rows.name();
    }

    private String upload(Path file) throws IOException, InterruptedException {
        String boundary = UUID.randomUUID().toString();
        String head = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--" + boundary
                + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + file.getFileName().toString().replace("\"", "%22")
                + "\"\r\nContent-Type: application/octet-stream\r\n\r\n";
        var body = BodyPublishers.concat(BodyPublishers.ofString(head), BodyPublishers.ofFile(file), BodyPublishers.ofString("\r\n--" + boundary + "--\r\n"));
        return post("/v1/files", body, "multipart/form-data; boundary=" + boundary).get("id").textValue();
    }

    /// Shows every event until the job ends.
    private void follow(String id) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(server + JOBS + "/" + id + "/events?stream=true")).build();
        try (var lines = http.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
            var data = lines.filter(line -> line.startsWith("data: {")).iterator();
            while (data.hasNext()) {
                show(JSON.readTree(data.next().substring("data: ".length())));
            }
        }
    }

    private void show(JsonNode event) {
        JsonNode data = event.get("data");
        if (data.has("train_loss")) {
            long left = Math.round(data.get("eta_seconds").doubleValue());
            out.println(String.format(Locale.ROOT, "step %d/%d  loss %.4f  %.0f tokens/s  %d:%02d left%s", data.get("step").intValue(),
                    data.get("total_steps").intValue(), data.get("train_loss").doubleValue(), data.get("tokens_per_second").doubleValue(), left / 60, left % 60,
                    data.has("rewards/margins") ? String.format(Locale.ROOT, "  margin %.4f  accuracy %.2f", data.get("rewards/margins").doubleValue(),
                            data.get("rewards/accuracies").doubleValue()) : ""));
        } else {
            out.println(event.get("message").textValue());
        }
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(server + path)).build());
    }

    private JsonNode post(String path, BodyPublisher body, String type) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(server + path)).header("Content-Type", type).POST(body).build());
    }

    private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
        var response = http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        if (response.statusCode() != 200) {
            String message = response.body();
            try {
                message = JSON.readTree(response.body()).at("/error/message").asText(message);
            } catch (IOException _) {
                // It is no server of this kind; its words are shown as they are.
            }
            throw new Refused(message);
        }
        return JSON.readTree(response.body());
    }
}
