package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Adapters that come, go and change while the server runs.
@Timeout(180)
class AdaptersIT {
    private static final Path FIXTURE = Path.of("src/test/resources/fixtures/llama");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static PackagedServer server;

    @BeforeAll
    static void start() throws Exception {
        server = PackagedServer.start(FIXTURE, "--dtype", "float32", "--max-context", "256", "--watch-adapters", "true",
                "--adapter", "begun=" + FIXTURE.resolve("lora/start"), "--adapter", "done=" + FIXTURE.resolve("lora/end"));
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @AfterEach
    void theAdaptersOfTheCommandLineGoOn() throws Exception {
        assertThat(answer("done", reference("lora/reference.json", 0))).isEqualTo(greedy("lora/reference.json", 0));
    }

    private static JsonNode reference(String file, int index) throws IOException {
        return JSON.readTree(FIXTURE.resolve(file).toFile()).get("cases").get(index).get("input_ids");
    }

    private static List<Integer> greedy(String file, int index) throws IOException {
        return ints(JSON.readTree(FIXTURE.resolve(file).toFile()).get("cases").get(index).get("greedy_ids"));
    }

    private static List<Integer> ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonNode::intValue).toList();
    }

    private static String request(String model, JsonNode prompt, int tokens, boolean stream) {
        return JSON.createObjectNode().put("model", model).put("temperature", 0).put("max_tokens", tokens).put("ignore_eos", true)
                .put("return_token_ids", true).put("stream", stream).set("prompt", prompt).toString();
    }

    private static List<Integer> answer(String model, JsonNode prompt) throws Exception {
        var answer = server.post("/v1/completions", request(model, prompt, greedy("reference.json", 0).size(), false));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return ints(answer.body().at("/choices/0/token_ids"));
    }

    private static Path install(String name, String version) throws IOException {
        Path folder = Files.createDirectories(server.adapters().resolve(".staging-" + name));
        try (var files = Files.list(FIXTURE.resolve("lora").resolve(version))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        return Files.move(folder, server.adapters().resolve(name));
    }

    private static String load(String name, String path, boolean inPlace) throws Exception {
        return server.postText("/v1/load_lora_adapter", JSON.createObjectNode().put("lora_name", name).put("lora_path", path)
                .put("load_inplace", inPlace).toString());
    }

    private static JsonNode status(String model) throws Exception {
        return StreamSupport.stream(server.get("/v1/adapters").body().get("data").spliterator(), false)
                .filter(adapter -> adapter.get("model").textValue().equals(model)).findFirst().orElseThrow(() -> new AssertionError(model));
    }

    @Test
    void adaptersOfTheCommandLineAnswerAsInPeftAndTheBaseAsInTransformers() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(answer("done", reference("lora/reference.json", i))).isEqualTo(greedy("lora/reference.json", i));
            assertThat(answer("llama:done@1", reference("lora/reference.json", i))).isEqualTo(greedy("lora/reference.json", i));
            assertThat(answer("llama", reference("reference.json", i))).isEqualTo(greedy("reference.json", i));
        }
        var listed = server.get("/v1/models/done").body();
        assertThat(listed.get("parent").textValue()).isEqualTo("llama");
        assertThat(listed.get("root").textValue()).endsWith("lora/end");
        assertThat(server.get("/v1/models").body().get("data")).extracting(model -> model.get("id").textValue()).contains("llama", "begun", "done");
        assertThat(server.post("/tokenize", "{\"model\": \"done\", \"prompt\": \"a\"}").status()).isEqualTo(200);
        assertThat(server.post("/apply-template", "{\"model\": \"done\", \"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}").status()).isEqualTo(200);
    }

    @Test
    void mixedRequestsAnswerByTheirWeights() throws Exception {
        var prompt = reference("lora/reference.json", 0);
        var body = (com.fasterxml.jackson.databind.node.ObjectNode) JSON.readTree(request("llama", prompt, greedy("reference.json", 0).size(), false));
        body.putArray("lora").addObject().put("name", "done");
        assertThat(ints(server.post("/v1/completions", body.toString()).body().at("/choices/0/token_ids"))).isEqualTo(greedy("lora/reference.json", 0));
        body.putArray("lora").addObject().put("name", "done").put("scale", 0);
        assertThat(ints(server.post("/v1/completions", body.toString()).body().at("/choices/0/token_ids"))).isEqualTo(answer("llama", prompt));
        body.putArray("lora").addObject().put("name", "nobody");
        assertThat(server.post("/v1/completions", body.toString()).status()).isEqualTo(404);
    }

    @Test
    void anAdapterIsLoadedReplacedRolledBackAndUnloaded() throws Exception {
        install("versions-a", "start");
        install("versions-b", "end");
        var prompt = reference("lora/reference.json", 1);
        assertThat(load("versions", "versions-a", false)).isEqualTo("Success: LoRA adapter 'versions' added successfully.");
        var first = answer("versions", prompt);
        assertThat(load("versions", "versions-b", false)).contains("has already been loaded", "load_inplace", "\"type\":\"InvalidUserInput\"", "\"code\":400");
        assertThat(load("versions", "versions-b", true)).isEqualTo("Success: LoRA adapter 'versions' added successfully.");
        // The same prompt once more: keys and values of the older version must not be taken.
        assertThat(answer("versions", prompt)).isEqualTo(greedy("lora/reference.json", 1)).isNotEqualTo(first);
        assertThat(answer("versions@1", prompt)).isEqualTo(first);
        assertThat(server.post("/v1/adapters/rollback", "{\"lora_name\": \"versions\"}").body().get("version").intValue()).isEqualTo(1);
        assertThat(answer("versions", prompt)).isEqualTo(first);
        assertThat(status("versions@1").get("current").booleanValue()).isTrue();
        assertThat(status("versions@1").get("last_use").isNumber()).isTrue();
        long bytes = status("versions@1").get("device_bytes").longValue() + status("versions@2").get("device_bytes").longValue();
        assertThat(server.postText("/v1/unload_lora_adapter", "{\"lora_name\": \"versions\"}"))
                .isEqualTo("Success: LoRA adapter 'versions' removed successfully. Bytes freed: " + bytes + " on the device, 0 on the host.");
        assertThat(bytes).isGreaterThan(2 * Files.size(FIXTURE.resolve("lora/end/adapter_model.safetensors")) * 8 / 10);
        assertThat(server.post("/v1/completions", request("versions", prompt, 4, false)).status()).isEqualTo(404);
        assertThat(server.postText("/v1/unload_lora_adapter", "{\"lora_name\": \"versions\"}")).contains("NotFoundError", "\"code\":404");
    }

    @Test
    void aFolderThatAppearsIsServedWithoutBeingAskedFor() throws Exception {
        install("appears", "end");
        while (server.get("/v1/models/appears").status() != 200) {
            Thread.onSpinWait();
        }
        assertThat(answer("appears", reference("lora/reference.json", 0))).isEqualTo(greedy("lora/reference.json", 0));
    }

    @Test
    void whatAFolderSaysOfItsTrainingIsAppliedAndContradictionsAreWarnings() throws Exception {
        var folder = install("told", "end");
        var prompt = reference("lora/reference.json", 0);
        var answer = greedy("lora/reference.json", 0);
        Files.writeString(folder.resolve("adapter_config.json"), Files.readString(folder.resolve("adapter_config.json"))
                .replace("\"base_model_name_or_path\": null", "\"base_model_name_or_path\": \"org/another-model\""));
        Files.writeString(folder.resolve("lorikeet.json"), "{\"end_token_ids\": [" + answer.get(2) + "], \"template_sha256\": \"00\", \"base_sha256\": \"00\"}");
        load("told-end", "told", false);
        assertThat(status("told-end@1").get("warnings")).extracting(JsonNode::textValue).anyMatch(warning -> warning.contains("another-model"))
                .anyMatch(warning -> warning.contains("template_sha256")).anyMatch(warning -> warning.contains("base_sha256"));
        assertThat(server.log()).contains("adapter told-end@1: ", "another-model");
        var request = (com.fasterxml.jackson.databind.node.ObjectNode) JSON.readTree(request("told-end", prompt, answer.size(), false));
        var choice = server.post("/v1/completions", request.put("ignore_eos", false).toString()).body().at("/choices/0");
        assertThat(ints(choice.get("token_ids"))).isEqualTo(answer.subList(0, 2));
        assertThat(choice.get("finish_reason").textValue()).isEqualTo("stop");
    }

    @Test
    void refusalsNameWhatIsWrong() throws Exception {
        assertThat(load("x", "/etc", false)).contains("NotFoundError", "adapter roots");
        assertThat(load("x", "../models", false)).contains("NotFoundError");
        assertThat(load("../x", "begun", false)).contains("InvalidUserInput", "cannot be the name");
        assertThat(load("llama", "begun", false)).contains("InvalidUserInput", "base model");
        assertThat(server.postText("/v1/load_lora_adapter", "{\"lora_name\": \"x\"}")).contains("InvalidUserInput", "lora_path");
        var broken = install("broken", "end");
        Files.writeString(broken.resolve("adapter_config.json"), Files.readString(broken.resolve("adapter_config.json")).replace("\"r\": 4", "\"r\": 8"));
        assertThat(load("broken", "broken", false)).contains("BadRequestError", "rank");
        assertThat(server.get("/v1/models/broken").status()).isEqualTo(404);
    }

    /// Eight clients stream while an adapter is replaced fifty times: no request fails, and every answer is that of one version.
    @Test
    void replacingAnAdapterUnderLoadFailsNoRequestAndEveryAnswerIsThatOfOneVersion() throws Exception {
        install("swap-a", "start");
        install("swap-b", "end");
        load("swap", "swap-a", false);
        var prompt = reference("lora/reference.json", 0);
        var first = streamed("begun", prompt);
        var second = streamed("done", prompt);
        assertThat(first).isNotEqualTo(second).hasSize(24);
        var swapping = new AtomicBoolean(true);
        try (var clients = Executors.newFixedThreadPool(8)) {
            var answers = new ArrayList<Future<List<List<Integer>>>>();
            for (int i = 0; i < 8; i++) {
                answers.add(clients.submit((Callable<List<List<Integer>>>) () -> {
                    var all = new ArrayList<List<Integer>>();
                    while (swapping.get()) {
                        all.add(streamed("swap", prompt));
                    }
                    return all;
                }));
            }
            try {
                for (int i = 0; i < 50; i++) {
                    assertThat(load("swap", i % 2 == 0 ? "swap-b" : "swap-a", true)).startsWith("Success");
                }
            } finally {
                swapping.set(false);
            }
            var all = new ArrayList<List<Integer>>();
            for (var answer : answers) {
                all.addAll(answer.get());
            }
            assertThat(all).hasSizeGreaterThanOrEqualTo(8).allSatisfy(answer -> assertThat(List.of(first, second)).contains(answer));
        }
        assertThat(streamed("swap", prompt)).isEqualTo(first);
        assertThat(streamed("swap@2", prompt)).isEqualTo(second);
        assertThat(server.postText("/v1/unload_lora_adapter", "{\"lora_name\": \"swap\"}")).startsWith("Success");
    }

    private static List<Integer> streamed(String model, JsonNode prompt) throws Exception {
        var connection = (HttpURLConnection) server.uri("/v1/completions").toURL().openConnection();
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setDoOutput(true);
        connection.setReadTimeout(60_000);
        connection.getOutputStream().write(request(model, prompt, 24, true).getBytes(StandardCharsets.UTF_8));
        assertThat(connection.getResponseCode()).isEqualTo(200);
        var ids = new ArrayList<Integer>();
        try (var lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); !"data: [DONE]".equals(line); line = lines.readLine()) {
                assertThat(line).as("the stream ended too early").isNotNull();
                if (line.startsWith("data: ")) {
                    var chunk = JSON.readTree(line.substring(6));
                    assertThat(chunk.has("error")).as(line).isFalse();
                    chunk.at("/choices/0/token_ids").forEach(id -> ids.add(id.intValue()));
                }
            }
        }
        return ids;
    }
}
