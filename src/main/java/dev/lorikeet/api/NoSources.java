package dev.lorikeet.api;

import dev.lorikeet.rag.Retrieval;
import dev.lorikeet.rag.SearchException;
import java.time.Duration;
import java.util.Optional;

/// The error of a request that requires sources where there are none.
final class NoSources {
    private static final Duration SOON = Duration.ofSeconds(2);

    private NoSources() {}

    static ApiError error(Retrieval.Found found, String lack) {
        String message = "Sources are required ('lorikeet.rag.require'), and there are none: " + lack;
        if (!found.documents().isEmpty()) {
            return ApiError.Invalid.of("messages", "context_length_exceeded", message);
        }
        if (found.failures().isEmpty()) {
            return new ApiError.SearchFailed(422, "invalid_request_error", "no_sources_found", message, Optional.empty());
        }
        if (found.failures().stream().anyMatch(SearchException.QuotaUsedUp.class::isInstance)) {
            return new ApiError.SearchFailed(429, "insufficient_quota", "insufficient_quota", message, Optional.empty());
        }
        return found.failures().stream().anyMatch(SearchException::passing)
                ? new ApiError.SearchFailed(503, "service_unavailable_error", "search_unavailable", message, Optional.of(SOON))
                : new ApiError.SearchFailed(502, "server_error", "search_failed", message, Optional.empty());
    }
}
