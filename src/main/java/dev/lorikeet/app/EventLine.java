package dev.lorikeet.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Locale;
import java.util.Optional;

/// A line of a job's live events, as server-sent events bring it.
final class EventLine {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DATA = "data: ";

    private EventLine() {}

    /// What a person is to see of it; empty for lines that hold no event, such as comments. One that holds something else than an event is
    /// shown as it is: whoever sent it may be no server of this kind.
    static Optional<String> shown(String line) {
        if (!line.startsWith(DATA + "{")) {
            return Optional.empty();
        }
        String text = line.substring(DATA.length());
        try {
            JsonNode event = JSON.readTree(text);
            return Optional.of(event.path("data").path("train_loss").isNumber() ? step(event.path("data")) : event.path("message").asText(text));
        } catch (JsonProcessingException _) {
            return Optional.of(text);
        }
    }

    private static String step(JsonNode data) {
        long left = Math.round(data.path("eta_seconds").doubleValue());
        String margins = data.has("rewards/margins") ? String.format(Locale.ROOT, "  margin %.4f  accuracy %.2f", data.path("rewards/margins").doubleValue(),
                data.path("rewards/accuracies").doubleValue()) : "";
        return String.format(Locale.ROOT, "step %d/%d  loss %.4f  %.0f tokens/s  %d:%02d left%s", data.path("step").intValue(), data.path("total_steps").intValue(),
                data.path("train_loss").doubleValue(), data.path("tokens_per_second").doubleValue(), left / 60, left % 60, margins);
    }
}
