package dev.lorikeet.api;

import dev.lorikeet.access.Exceeded;
import java.time.Duration;
import java.util.Optional;

/// Everything a caller can be told has gone wrong, each case with its HTTP status.
public sealed interface ApiError {
    int status();

    String message();

    /// OpenAI's word for the class of error.
    default String type() {
        return "invalid_request_error";
    }

    /// The path of the field at fault, such as `messages[0].content`.
    default Optional<String> param() {
        return Optional.empty();
    }

    default Optional<String> code() {
        return Optional.empty();
    }

    /// When it makes sense to try again.
    default Optional<Duration> retryAfter() {
        return Optional.empty();
    }

    /// The request is wrong.
    record Invalid(String message, Optional<String> param, Optional<String> code) implements ApiError {
        static Invalid of(String param, String message) {
            return new Invalid(message, Optional.of(param), Optional.empty());
        }

        static Invalid of(String param, String code, String message) {
            return new Invalid(message, Optional.of(param), Optional.of(code));
        }

        @Override
        public int status() {
            return 400;
        }
    }

    /// What the request names does not exist.
    record Missing(String message, Optional<String> param, Optional<String> code) implements ApiError {
        @Override
        public int status() {
            return 404;
        }
    }

    /// No key, or none of this server's.
    record Unauthorized(String message) implements ApiError {
        @Override
        public int status() {
            return 401;
        }

        @Override
        public Optional<String> code() {
            return Optional.of("invalid_api_key");
        }
    }

    /// The caller is known, and may not.
    record Forbidden(String message, String reason) implements ApiError {
        @Override
        public int status() {
            return 403;
        }

        @Override
        public Optional<String> code() {
            return Optional.of(reason);
        }
    }

    /// The caller's key has nothing left. @param type `requests` or `tokens`, of which it has none
    record Limited(String message, String type, Optional<Duration> retryAfter) implements ApiError {
        static Limited of(Exceeded exceeded) {
            // Whole seconds, rounded up: who comes back earlier is refused again.
            var wait = Duration.ofSeconds(Math.max(1, exceeded.patience().plusNanos(999_999_999).toSeconds()));
            return new Limited("Rate limit reached for this key: " + exceeded.limit() + " " + exceeded.kind().words() + ". Please try again in "
                    + Callers.words(wait) + ".", exceeded.kind().counts(), Optional.of(wait));
        }

        @Override
        public int status() {
            return 429;
        }

        @Override
        public Optional<String> code() {
            return Optional.of("rate_limit_exceeded");
        }
    }

    /// HTTP itself was used wrongly: 405, 406, 413, 415.
    record Protocol(int status, String message) implements ApiError {}

    /// As many requests wait as the server holds.
    record TooMany(String message) implements ApiError {
        @Override
        public int status() {
            return 429;
        }

        @Override
        public String type() {
            return "requests";
        }

        @Override
        public Optional<String> code() {
            return Optional.of("rate_limit_exceeded");
        }

        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(Duration.ofSeconds(1));
        }
    }

    /// The model is on its way in or out, or what it comes from does not answer now.
    ///
    /// @param retryAfter as long as it asks to be left alone; two seconds if it says nothing
    record Unavailable(String message, Optional<Duration> retryAfter) implements ApiError {
        private static final Duration SOON = Duration.ofSeconds(2);

        public Unavailable {
            retryAfter = retryAfter.or(() -> Optional.of(SOON));
        }

        Unavailable(String message) {
            this(message, Optional.empty());
        }

        @Override
        public int status() {
            return 503;
        }

        @Override
        public String type() {
            return "service_unavailable_error";
        }

        @Override
        public Optional<String> code() {
            return Optional.of("server_is_overloaded");
        }
    }

    /// Sources are required and could not be had. @param retryAfter empty: trying again is of no use
    record SearchFailed(int status, String type, String reason, String message, Optional<Duration> retryAfter) implements ApiError {
        @Override
        public Optional<String> code() {
            return Optional.of(reason);
        }
    }

    /// What was to be kept could not be written.
    record DiskFull(String message) implements ApiError {
        @Override
        public int status() {
            return 507;
        }

        @Override
        public String type() {
            return "server_error";
        }

        @Override
        public Optional<String> code() {
            return Optional.of("insufficient_storage");
        }
    }

    /// The server's own fault. @param code `engine_error` when the engine said so
    record Internal(String message, Optional<String> code) implements ApiError {
        @Override
        public int status() {
            return 500;
        }

        @Override
        public String type() {
            return "server_error";
        }
    }
}
