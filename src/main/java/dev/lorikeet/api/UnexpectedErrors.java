package dev.lorikeet.api;

import io.quarkus.logging.Log;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Failures that no caller can be told more about.
final class UnexpectedErrors {
    static final ApiError INTERNAL = new ApiError.Internal("The server had an error while processing your request.", Optional.empty());

    private UnexpectedErrors() {}

    /// Logs where it happened, but not the exceptions' messages: they may quote the prompt.
    static void log(Throwable bug, String requestId) {
        Log.errorf("request %s failed: %s", requestId, Stream.iterate(bug, t -> t != null, Throwable::getCause).limit(8)
                .map(t -> t.getClass().getName() + Stream.of(t.getStackTrace()).map(f -> "\n\tat " + f).collect(Collectors.joining()))
                .collect(Collectors.joining("\ncaused by ")));
    }
}
