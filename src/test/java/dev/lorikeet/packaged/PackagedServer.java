package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// `./lorikeet serve` as a process of its own, on a free port and with a data folder of its own.
final class PackagedServer implements AutoCloseable {
    static final Path DEMO = Path.of("models/demo");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final int port;
    private final Path data;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private PackagedServer(Process process, int port, Path data) {
        this.process = process;
        this.port = port;
        this.data = data;
    }

    /// An answer with its JSON body.
    record Answer(int status, JsonNode body) {
        /// OpenAI's error message, empty if it is none.
        String error() {
            return body.at("/error/message").asText();
        }
    }

    /// Starts the server and waits until it answers with the model.
    static PackagedServer start(Path model, String... options) throws Exception {
        return start(Map.of(), model.toString(), options);
    }

    /// As [#start(Path, String...)], with variables in its environment.
    static PackagedServer start(Map<String, String> environment, String model, String... options) throws Exception {
        return startIn(Files.createTempDirectory("lorikeet-it"), environment, model, options);
    }

    /// On a data folder that an earlier server may have left.
    static PackagedServer start(Map<String, String> environment, Path data, Path model, String... options) throws Exception {
        return startIn(data, environment, model.toString(), options);
    }

    private static PackagedServer startIn(Path data, Map<String, String> environment, String model, String... options) throws Exception {
        int port = freePort();
        var arguments = new ArrayList<>(List.of("serve", "--model", model, "--port", String.valueOf(port), "--data", data.toString()));
        arguments.addAll(List.of(options));
        var launcher = launcher(arguments);
        launcher.environment().putAll(environment);
        var process = launcher.redirectErrorStream(true).redirectOutput(data.resolve("log-" + port).toFile()).start();
        var server = new PackagedServer(process, port, data);
        try {
            server.awaitReady();
        } catch (Exception | Error e) {
            server.close();
            throw e;
        }
        return server;
    }

    /// The launcher with these arguments, on what Maven has packaged and with this JDK.
    static ProcessBuilder launcher(List<String> arguments) {
        var command = new ArrayList<>(List.of(Path.of("lorikeet").toAbsolutePath().toString()));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("LORIKEET_") || name.startsWith("QUARKUS_"));
        builder.environment().putAll(Map.of("LORIKEET_BUILD", "never", "LORIKEET_HEAP", "256m", "JAVA_HOME", System.getProperty("java.home")));
        return builder;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void awaitReady() throws Exception {
        for (int attempt = 0; attempt < 1200; attempt++) {
            try {
                if (get("/q/health/ready").status() == 200) {
                    return;
                }
            } catch (ConnectException _) {
                // It does not listen yet.
            }
            if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
                throw new AssertionError("the server ended with " + process.exitValue() + ":\n" + log());
            }
        }
        throw new AssertionError("the server is not ready after a minute:\n" + log());
    }

    /// Ends the process as a power cut would. @return what it has left
    Path kill() throws Exception {
        http.close();
        process.destroyForcibly().waitFor();
        return data;
    }

    /// Asks the process to end, as a service manager does.
    void end() {
        process.destroy();
    }

    /// Waits for the process to end. @return its exit code
    int awaitEnd() throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the server has ended").isTrue();
        return process.exitValue();
    }

    /// Where the server keeps what it writes.
    Path data() {
        return data;
    }

    String log() throws IOException {
        return Files.readString(data.resolve("log-" + port));
    }

    long pid() {
        return process.pid();
    }

    int port() {
        return port;
    }

    URI uri(String path) {
        return URI.create("http://localhost:" + port + path);
    }

    /// Where `/models/load` finds models.
    Path models() throws IOException {
        return Files.createDirectories(data.resolve("models"));
    }

    /// Where adapters are found.
    Path adapters() throws IOException {
        return Files.createDirectories(data.resolve("adapters"));
    }

    Answer get(String path) throws Exception {
        return send(request(path).build());
    }

    /// A body that is no JSON.
    String text(String path) throws Exception {
        return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString()).body();
    }

    Answer post(String path, String json) throws Exception {
        return send(request(path).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json)).build());
    }

    /// The body as it is, of an answer that is not JSON when all goes well.
    String postText(String path, String json) throws Exception {
        var request = request(path).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json)).build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path)).timeout(java.time.Duration.ofMinutes(1));
    }

    private Answer send(HttpRequest request) throws Exception {
        var response = http.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), JSON.readTree(response.body()));
    }

    /// A short greedy chat: whether a model answers, and what. @return the content
    String chat(String model) throws Exception {
        return content(askShortly(model));
    }

    /// As [#chat], where the queue may still be full of requests whose clients have just left.
    String chatOnceFree(String model) throws Exception {
        var answer = askShortly(model);
        for (int retries = 0; answer.status() == 429 && retries < 1000; retries++) {
            answer = askShortly(model);
        }
        return content(answer);
    }

    private Answer askShortly(String model) throws Exception {
        return post("/v1/chat/completions", "{\"model\": \"" + model + "\", \"temperature\": 0, \"max_tokens\": 8, "
                + "\"messages\": [{\"role\": \"user\", \"content\": \"안녕\"}]}");
    }

    private static String content(Answer answer) {
        if (answer.status() != 200) {
            throw new AssertionError(answer.toString());
        }
        return answer.body().at("/choices/0/message/content").textValue();
    }

    @Override
    public void close() throws Exception {
        http.close();
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("the server did not stop when it was told to:\n" + log());
        }
        try (var files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
