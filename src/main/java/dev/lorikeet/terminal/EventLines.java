package dev.lorikeet.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Optional;
import okhttp3.Response;
import okio.BufferedSource;

/// The server-sent events of a response, each a JSON object on one line, until `[DONE]` or the end.
final class EventLines implements AutoCloseable {
    private static final String DATA = "data:";
    private static final String DONE = "[DONE]";

    private final Response response;
    private final BufferedSource lines;
    private boolean done;

    EventLines(Response response) {
        this.response = response;
        this.lines = response.body().source();
    }

    /// The next event; empty after the last. Blocks.
    ///
    /// @throws IOException if the connection breaks, or with what the server says about an end that it did not want
    Optional<JsonNode> next() throws IOException {
        for (String line = lines.readUtf8Line(); line != null; line = lines.readUtf8Line()) {
            if (!line.startsWith(DATA)) {
                continue;
            }
            String data = line.substring(DATA.length()).strip();
            if (data.equals(DONE)) {
                done = true;
                return Optional.empty();
            }
            JsonNode event = event(data);
            var error = Server.message(event);
            if (error.isPresent()) {
                throw new IOException(error.get());
            }
            return Optional.of(event);
        }
        return Optional.empty();
    }

    private static JsonNode event(String data) throws IOException {
        try {
            return Server.JSON.readTree(data);
        } catch (JsonProcessingException e) {
            throw new IOException("an event is no JSON: it comes from no server of this kind, or only half of it has come", e);
        }
    }

    /// Whether the server has said that this is all.
    boolean isComplete() {
        return done;
    }

    @Override
    public void close() {
        response.close();
    }
}
