package dev.lorikeet.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.function.Consumer;
import okhttp3.Call;

/// One answer, as it comes. Another thread may stop it.
final class Answer {
    private final Server server;
    private final Call call;
    private volatile boolean stopped;

    Answer(Server server, Call call) {
        this.server = server;
        this.call = call;
    }

    enum End { WHOLE, CUT_OFF, STOPPED }

    /// @param text as the model wrote it
    record Received(String text, End end) {}

    /// Blocks until the end. @param listener gets each piece of text at once
    Received receive(Consumer<String> listener) throws IOException {
        var text = new StringBuilder();
        var end = End.WHOLE;
        try (var events = server.events(call)) {
            for (var event = events.next(); event.isPresent(); event = events.next()) {
                JsonNode choice = event.get().path("choices").path(0);
                String piece = choice.path("delta").path("content").asText("");
                if (!piece.isEmpty()) {
                    text.append(piece);
                    listener.accept(piece);
                }
                if (choice.path("finish_reason").asText().equals("length")) {
                    end = End.CUT_OFF;
                }
            }
            if (!events.isComplete()) {
                throw new IOException("the connection ended before the answer did");
            }
            return new Received(text.toString(), end);
        } catch (IOException e) {
            if (stopped) {
                return new Received(text.toString(), End.STOPPED);
            }
            throw e;
        }
    }

    void stop() {
        stopped = true;
        call.cancel();
    }
}
