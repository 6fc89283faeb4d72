package dev.lorikeet.api;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.lorikeet.chat.TextEvent;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// What all parts of one answer share. @param created in seconds since 1970
record Answer(String id, long created, String model) {
    static Answer begin(String prefix, String model) {
        byte[] random = new byte[12];
        ThreadLocalRandom.current().nextBytes(random);
        return new Answer(prefix + HexFormat.of().formatHex(random), Instant.now().getEpochSecond(), model);
    }

    /// What `stop_reason` says: which criterion fired, null for the model's own end and for the token limit.
    static Object stopReason(TextEvent.End end) {
        return switch (end.kind()) {
            case TIME_LIMIT -> "time_limit";
            case REPETITION -> "repetition";
            case END_TOKEN, STOP_TOKEN, STOP_STRING, MAX_TOKENS, CONTEXT_FULL, CANCELLED -> end.stopReason().orElse(null);
        };
    }

    /// A value for a key that must be written even when there is none.
    static Object orJsonNull(Object value) {
        return value == null ? NullNode.instance : value;
    }

    static List<Integer> ids(List<TextEvent.OutputToken> tokens) {
        return tokens.stream().map(TextEvent.OutputToken::id).toList();
    }

    /// An end that the server brought about and the client did not ask for is a failure.
    static TextEvent checked(TextEvent event) {
        return event instanceof TextEvent.End(TextEvent.StopKind kind, var _, var _) && kind == TextEvent.StopKind.CANCELLED
                ? new TextEvent.Failure("The server cancelled the generation.") : event;
    }

    static ApiError failure(TextEvent.Failure failure) {
        return new ApiError.Internal(failure.message(), java.util.Optional.of("engine_error"));
    }
}
