package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A server with keys as its users meet it, with everything logged that can be.
@Timeout(300)
class SecurityIT {
    private static final String ALICE = "alice-key-0123456789";
    private static final String BOB = "bob-key-0123456789ab";
    private static final String ROOT = "root-key-0123456789a";
    private static final String WORDS = "vertraulicheworte";
    private static final String JOBS = "/v1/fine_tuning/jobs";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static PackagedServer server;
    private static int management;

    @BeforeAll
    static void start() throws Exception {
        try (var socket = new ServerSocket(0)) {
            management = socket.getLocalPort();
        }
        server = PackagedServer.start(environment(), PackagedServer.DEMO.toString(), options());
    }

    private static Map<String, String> environment() {
        return Map.of("LORIKEET_API_KEYS", "alice:" + ALICE + ",bob:" + BOB, "LORIKEET_ADMIN_KEYS", "root:" + ROOT, "QUARKUS_LOG_LEVEL", "DEBUG",
                "HF_TOKEN", "hf_secrettokenofthetest");
    }

    private static String[] options() {
        return new String[] {"--log-level", "DEBUG", "--management-port", String.valueOf(management)};
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static OpenAIClient client(String key) {
        return OpenAIOkHttpClient.builder().baseUrl(server.uri("/v1").toString()).apiKey(key).maxRetries(0).build();
    }

    private static String chat(String key, String model) {
        var params = ChatCompletionCreateParams.builder().model(model).addUserMessage("안녕").temperature(0).maxTokens(8).build();
        return client(key).chat().completions().create(params).choices().getFirst().message().content().orElseThrow();
    }

    private static JsonNode get(String key, String path) throws Exception {
        return JSON.readTree(send(HttpRequest.newBuilder(server.uri(path)).header("Authorization", "Bearer " + key).build()).body());
    }

    private static HttpResponse<String> post(String key, String path, String body) throws Exception {
        return send(HttpRequest.newBuilder(server.uri(path)).header("Authorization", "Bearer " + key).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)).build());
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void theOfficialClientsTellARightKeyFromAWrongOne() throws Exception {
        assertThat(chat(ALICE, "demo")).isEqualTo("안녕하세요.");
        assertThatThrownBy(() -> chat("sk-nobodys-key-0123", "demo")).isInstanceOf(UnauthorizedException.class).hasMessageContaining("Incorrect API key");
        NodeScript.passes("client.mjs", "openai", server.uri("/v1").toString(), ALICE);
    }

    /// Also after a restart: whose it is stands with the job.
    @Test
    void whatIsTrainedIsItsOwnersUntilAnAdminMakesItPublic() throws Exception {
        String file = client(ALICE).files().create(FileCreateParams.builder().purpose(FilePurpose.FINE_TUNE).file(Path.of("examples/gemma-instructions/rows.jsonl")).build()).id();
        String wish = "{\"model\": \"demo\", \"training_file\": \"" + file + "\", \"lorikeet\": {\"r\": 2, \"max_steps\": 2, \"save_steps\": 1, \"max_seq_length\": 64}}";
        assertThat(post(BOB, JOBS, wish).statusCode()).isEqualTo(404);
        String job = JSON.readTree(post(ALICE, JOBS, wish).body()).get("id").textValue();
        send(HttpRequest.newBuilder(server.uri(JOBS + "/" + job + "/events?stream=true")).header("Authorization", "Bearer " + ALICE).build());
        String model = get(ALICE, JOBS + "/" + job).get("fine_tuned_model").textValue();
        isAlicesOnly(model, job);
        var data = server.kill();
        server = PackagedServer.start(environment(), data, PackagedServer.DEMO, options());
        awaitModel(model);
        isAlicesOnly(model, job);
        assertThat(post(ROOT, "/v1/adapters/visibility", "{\"lora_name\": \"" + model + "\", \"public\": true}").statusCode()).isEqualTo(200);
        assertThat(chat(BOB, model)).isNotEmpty();
        assertThat(get(BOB, "/v1/models").toString()).contains(model);
        // Its checkpoints are not meant.
        assertThatThrownBy(() -> chat(BOB, job + ":ckpt-step-1")).isInstanceOf(NotFoundException.class);
        assertThat(chat(ALICE, job + ":ckpt-step-1")).isNotEmpty();
    }

    private static void isAlicesOnly(String model, String job) throws Exception {
        assertThat(chat(ALICE, model)).isNotEmpty();
        assertThat(chat(ROOT, model)).isNotEmpty();
        for (String name : new String[] {model, model + "@1", "demo:" + model, job + ":ckpt-step-1"}) {
            assertThatThrownBy(() -> chat(BOB, name)).as(name).isInstanceOf(NotFoundException.class);
            assertThat(post(BOB, "/tokenize", "{\"model\": \"" + name + "\", \"prompt\": \"a\"}").statusCode()).as(name).isEqualTo(404);
        }
        assertThat(post(BOB, "/v1/completions", "{\"model\": \"demo\", \"prompt\": \"a\", \"lora\": [{\"name\": \"" + model + "\"}]}").statusCode()).isEqualTo(404);
        assertThat(get(BOB, "/v1/models").toString() + get(BOB, "/v1/adapters")).doesNotContain(model).doesNotContain(job);
        assertThat(get(BOB, "/v1/models/" + model).at("/error/code").textValue()).isEqualTo("model_not_found");
        assertThat(get(ALICE, "/v1/models").toString()).contains(model);
        assertThat(get(ROOT, "/v1/adapters").toString()).contains("\"owner\":\"alice\"");
    }

    private static void awaitModel(String model) throws Exception {
        for (int i = 0; i < 600 && !get(ALICE, "/v1/models").toString().contains(model); i++) {
            Thread.sleep(50);
        }
    }

    @Test
    void metricsAndProbesHaveAPortOfTheirOwn() throws Exception {
        String apart = "http://localhost:" + management;
        assertThat(send(HttpRequest.newBuilder(URI.create(apart + "/metrics")).build()).body()).contains("# TYPE");
        assertThat(send(HttpRequest.newBuilder(URI.create(apart + "/q/health/ready")).build()).statusCode()).isEqualTo(200);
        assertThat(send(HttpRequest.newBuilder(URI.create(apart + "/v1/models")).header("Authorization", "Bearer " + ROOT).build()).statusCode()).isEqualTo(404);
        assertThat(send(HttpRequest.newBuilder(server.uri("/metrics")).build()).statusCode()).isEqualTo(401);
        assertThat(send(HttpRequest.newBuilder(server.uri("/q/health/ready")).build()).statusCode()).isEqualTo(200);
    }

    /// With everything at DEBUG, HTTP and Quarkus included.
    @Test
    void theLogHoldsNoPromptNoKeyAndNoToken() throws Exception {
        assertThat(post(ALICE, "/v1/chat/completions", "{\"model\": \"demo\", \"max_tokens\": 4, \"messages\": [{\"role\": \"user\", \"content\": \"" + WORDS + "\"}]}").statusCode())
                .isEqualTo(200);
        assertThat(post(ALICE, "/v1/completions", "{\"model\": \"demo\", \"max_tokens\": 2, \"prompt\": \"" + WORDS + "\"}").statusCode()).isEqualTo(200);
        assertThat(post(ALICE, "/v1/chat/completions", "{\"model\": \"demo\", \"messages\": \"" + WORDS + "\"}").statusCode()).isEqualTo(400);
        assertThat(post(ALICE, "/v1/chat/completions", "{\"model\": \"" + WORDS + "\", \"messages\": [").statusCode()).isEqualTo(400);
        assertThat(post("wrong-key-0123456789", "/tokenize", "{\"prompt\": \"" + WORDS + "\"}").statusCode()).isEqualTo(401);
        assertThat(server.log()).contains("DEBUG").doesNotContain(WORDS).doesNotContain("wrong-key-0123456789").doesNotContain(ALICE).doesNotContain(BOB).doesNotContain(ROOT)
                .doesNotContain("hf_secrettokenofthetest");
    }
}
