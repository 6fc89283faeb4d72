package dev.lorikeet.job;

import java.util.Optional;

/// What can be wrong with a request for a job.
public abstract sealed class JobException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private JobException(String message) {
        super(message);
    }

    /// There is no such job.
    public static final class NotFound extends JobException {
        private static final long serialVersionUID = 1;

        public NotFound(String id) {
            super("Could not find fine tune: " + id);
        }
    }

    /// There is no such file.
    public static final class NoSuchFile extends JobException {
        private static final long serialVersionUID = 1;

        private final String param;

        public NoSuchFile(String param, String id) {
            super("No such File object: " + id);
            this.param = param;
        }

        public String param() {
            return param;
        }
    }

    /// The request asks for what is not possible.
    public static final class Invalid extends JobException {
        private static final long serialVersionUID = 1;

        private final String param;

        /// @param param the field at fault, empty if it is none
        public Invalid(String param, String message) {
            super(message);
            this.param = param;
        }

        public Optional<String> param() {
            return Optional.of(param).filter(name -> !name.isEmpty());
        }
    }
}
