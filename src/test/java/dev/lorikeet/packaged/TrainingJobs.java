package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Fine-tuning jobs of a server, over HTTP.
record TrainingJobs(PackagedServer server) {
    private static final String ROUTE = "/v1/fine_tuning/jobs";
    private static final String TO_THE_END = "no such words";
    private static final Path ROWS = Path.of("examples/gemma-instructions/rows.jsonl");
    private static final ObjectMapper JSON = new ObjectMapper();

    OpenAIClient client() {
        return OpenAIOkHttpClient.builder().baseUrl(server.uri("/v1").toString()).apiKey("none").maxRetries(0).build();
    }

    /// @return the id of the file
    String upload() {
        return upload(ROWS);
    }

    /// @return the id of the file
    String upload(Path rows) {
        return client().files().create(FileCreateParams.builder().purpose(FilePurpose.FINE_TUNE).file(rows).build()).id();
    }

    /// What the server says to a job. @param more fields of the request, in JSON
    PackagedServer.Answer ask(String model, String trainingFile, String more) throws Exception {
        return server.post(ROUTE, "{\"model\": \"" + model + "\", \"training_file\": \"" + trainingFile + "\", " + more + "}");
    }

    /// @return the id of the job
    String create(String model, String trainingFile, String more) throws Exception {
        var answer = ask(model, trainingFile, more);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return answer.body().get("id").textValue();
    }

    JsonNode get(String job) throws Exception {
        return server.get(ROUTE + "/" + job).body();
    }

    /// Live events until one has these words, or to the end.
    List<JsonNode> follow(String job, String until) throws Exception {
        var events = new ArrayList<JsonNode>();
        var url = server.uri(ROUTE + "/" + job + "/events?stream=true").toURL();
        try (var in = new BufferedReader(new InputStreamReader(url.openStream(), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null && !line.equals("data: [DONE]"); line = in.readLine()) {
                if (line.startsWith("data: {")) {
                    events.add(JSON.readTree(line.substring(6)));
                    if (events.getLast().get("message").textValue().contains(until)) {
                        break;
                    }
                }
            }
        }
        return events;
    }

    /// All events, once the job is over.
    List<JsonNode> events(String job) throws Exception {
        return follow(job, TO_THE_END);
    }

    /// The job, once it is over.
    JsonNode ended(String job) throws Exception {
        events(job);
        return get(job);
    }
}
