package dev.lorikeet.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;

/// Streams of server-sent events, as the command line reads them: every line is shown, passed over, or refused.
public final class EventLinesFuzz {
    private static final MediaType EVENTS = MediaType.get("text/event-stream");

    private EventLinesFuzz() {}

    /// Called by the fuzzer.
    public static void fuzzerTestOneInput(byte[] data) {
        var response = new Response.Builder().request(new Request.Builder().url("http://localhost/").build()).protocol(Protocol.HTTP_1_1).code(200).message("OK")
                .body(ResponseBody.create(data, EVENTS)).build();
        try (var events = new EventLines(response)) {
            boolean more = true;
            while (more) {
                more = show(events);
            }
        }
    }

    private static boolean show(EventLines events) {
        try {
            Optional<JsonNode> event = events.next();
            event.ifPresent(one -> {
                TrainClient.show(one, new LiveLine(new PrintStream(OutputStream.nullOutputStream()), Screen.NONE));
                TrainClient.show(one, new LiveLine(new PrintStream(OutputStream.nullOutputStream()), new Screen(40)));
            });
            return event.isPresent();
        } catch (IOException _) {
            // Refused; what comes after it is read all the same.
            return true;
        }
    }
}
