package dev.lorikeet.registry;

/// What can be wrong with a request for an adapter.
public abstract sealed class AdapterException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private AdapterException(String message) {
        super(message);
    }

    /// No adapter of that name, or no folder at that path.
    public static final class NotFound extends AdapterException {
        private static final long serialVersionUID = 1;

        public NotFound(String message) {
            super(message);
        }

        /// Of an adapter that a request wants mixed in.
        public static NotFound of(AdapterLeases.Wish wish) {
            return new NotFound("'" + wish.field() + "': the lora adapter `" + wish.name() + "` does not exist.");
        }
    }

    /// The request contradicts itself or what is loaded.
    public static final class Invalid extends AdapterException {
        private static final long serialVersionUID = 1;

        public Invalid(String message) {
            super(message);
        }
    }

    /// The files are there but cannot be served.
    public static final class Refused extends AdapterException {
        private static final long serialVersionUID = 1;

        public Refused(String message) {
            super(message);
        }
    }

    /// All adapter memory is taken by adapters in use or pinned.
    public static final class Full extends AdapterException {
        private static final long serialVersionUID = 1;

        public Full(String message) {
            super(message);
        }
    }
}
