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

        private NotFound(Optional<String> message) {
            super(message.orElseThrow());
        }

        /// An adapter that is there, but not what it stands on.
        public static NotFound withoutBase(String id, String base) {
            return new NotFound(Optional.of("The model `" + id + "` was trained on `" + base + "`, which is not loaded. Load that with POST /models/load and {\"model\": \"" + base
                    + "\"}; `" + id + "` answers a moment later."));
        }

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

        /// The source has not said when to ask again.
        public Unreachable(String message) {
            super(message);
            this.retryAfter = Optional.empty();
        }

        /// @param retryAfter how long the source wants not to be asked
        public Unreachable(String message, Duration retryAfter) {
            super(message);
            this.retryAfter = Optional.of(retryAfter);
        }

        /// How long the source wants not to be asked, if it has said so.
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
