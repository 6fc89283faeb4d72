package dev.lorikeet.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;

/// A server that says what a test wants, over a real socket.
final class ScriptedServer implements AutoCloseable {
    private final MockWebServer http = new MockWebServer();

    ScriptedServer() throws IOException {
        http.start();
    }

    Server client() {
        return new Server(http.url("/").toString(), Optional.of("secret"), Optional.empty());
    }

    void json(String body) {
        status(200, body);
    }

    void status(int status, String body) {
        http.enqueue(new MockResponse.Builder().code(status).setHeader("Content-Type", "application/json").body(body).build());
    }

    /// @param finish the reason for the end, as in `finish_reason`
    void answer(String finish, String... pieces) {
        events(true, chunks(finish, pieces));
    }

    /// Pieces of an answer and then nothing, for as long as anybody waits.
    void answerWithoutEnd(String... pieces) {
        var body = new StringBuilder();
        chunks("", pieces).forEach(chunk -> body.append("data: ").append(chunk).append("\n\n"));
        // The effect comes when half of the body is sent.
        String silent = ":" + " ".repeat(body.toString().getBytes(StandardCharsets.UTF_8).length - 1);
        http.enqueue(new MockResponse.Builder().setHeader("Content-Type", "text/event-stream").body(body + silent).onResponseBody(SocketEffect.Stall.INSTANCE).build());
    }

    void events(boolean isComplete, List<String> data) {
        var body = new StringBuilder();
        data.forEach(event -> body.append(": ping\n\ndata: ").append(event).append("\n\n"));
        http.enqueue(new MockResponse.Builder().setHeader("Content-Type", "text/event-stream").body(body + (isComplete ? "data: [DONE]\n\n" : "")).build());
    }

    private static List<String> chunks(String finish, String... pieces) {
        var chunks = new ArrayList<String>();
        for (String piece : pieces) {
            var chunk = Server.JSON.createObjectNode();
            chunk.putArray("choices").addObject().putObject("delta").put("content", piece);
            chunks.add(chunk.toString());
        }
        if (!finish.isEmpty()) {
            chunks.add("{\"choices\": [{\"delta\": {}, \"finish_reason\": \"" + finish + "\"}]}");
        }
        return chunks;
    }

    RecordedRequest request() throws InterruptedException {
        return Optional.ofNullable(http.takeRequest(10, TimeUnit.SECONDS)).orElseThrow(() -> new AssertionError("no request came"));
    }

    JsonNode requestBody() throws Exception {
        return Server.JSON.readTree(request().getBody().utf8());
    }

    @Override
    public void close() {
        http.close();
    }
}
