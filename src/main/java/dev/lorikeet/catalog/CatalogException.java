package dev.lorikeet.catalog;

import java.time.Duration;
import java.util.Optional;

/// What can be wrong with a request for a model.
public abstract sealed class CatalogException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private CatalogException(String message) {
        super(message);
    }

    public static final class NotFound extends CatalogException {
        private static final long serialVersionUID = 1;

        public NotFound(String id) {
            super("The model `" + id + "` does not exist or you do not have access to it.");
        }

        public NotFound(String id, String why) {
            super("The model `" + id + "` does not exist or you do not have access to it. " + why);
        }
    }

    public static final class Busy extends CatalogException {
        private static final long serialVersionUID = 1;

        public Busy(String id, String doing) {
            super("The model `" + id + "` is " + doing + ". Try again in a few seconds.");
        }
    }

    /// Its source does not answer now.
    public static final class Unreachable extends CatalogException {
        private static final long serialVersionUID = 1;
        private final transient Optional<Duration> retryAfter;

        /// @param retryAfter when the source wants to be asked again, if it has said so
        public Unreachable(String message, Optional<Duration> retryAfter) {
            super(message);
            this.retryAfter = retryAfter;
        }

        public Optional<Duration> retryAfter() {
            return retryAfter;
        }
    }

    public static final class NotLoaded extends CatalogException {
        private static final long serialVersionUID = 1;

        public NotLoaded(String id) {
            super("model is not running: `" + id + "`. Load it with POST /models/load.");
        }
    }

    public static final class AlreadyRunning extends CatalogException {
        private static final long serialVersionUID = 1;

        public AlreadyRunning(String id) {
            super("model is already running: `" + id + "`.");
        }
    }

    public static final class Refused extends CatalogException {
        private static final long serialVersionUID = 1;

        public Refused(String message) {
            super(message);
        }
    }
}
