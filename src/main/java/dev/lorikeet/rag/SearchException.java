package dev.lorikeet.rag;

import java.time.Instant;

/// Why a search has found nothing. Messages are for callers: they name the source and the remedy, never a key, and never what a server wrote.
public abstract sealed class SearchException extends Exception {
    private static final long serialVersionUID = 1;

    private SearchException(String message, Throwable cause) {
        super(message, cause);
    }

    /// Whether the same search may work in a moment.
    public abstract boolean passing();

    /// The provider answers no more before `again`.
    public static final class QuotaUsedUp extends SearchException {
        private static final long serialVersionUID = 1;
        private final transient Instant again;

        QuotaUsedUp(String source, Instant again) {
            super(source + ": the quota of the search account is used up until " + again + ".", null);
            this.again = again;
        }

        public Instant again() {
            return again;
        }

        @Override
        public boolean passing() {
            return false;
        }
    }

    /// Too many calls in a second.
    public static final class Throttled extends SearchException {
        private static final long serialVersionUID = 1;

        Throttled(String source) {
            super(source + ": too many searches in a second.", null);
        }

        @Override
        public boolean passing() {
            return true;
        }
    }

    /// The provider does not accept the keys.
    public static final class KeysRefused extends SearchException {
        private static final long serialVersionUID = 1;

        KeysRefused(String source, String code, String remedy) {
            super(source + ": the provider refused the keys (" + code + "). " + remedy, null);
        }

        @Override
        public boolean passing() {
            return false;
        }
    }

    /// The provider does not accept the request.
    public static final class Rejected extends SearchException {
        private static final long serialVersionUID = 1;

        Rejected(String source, String code) {
            super(source + ": the provider rejected the search (" + code + ").", null);
        }

        @Override
        public boolean passing() {
            return false;
        }
    }

    /// No answer, or none that can be read.
    public static final class Unavailable extends SearchException {
        private static final long serialVersionUID = 1;

        public Unavailable(String source, String what, Throwable cause) {
            super(source + ": " + what + ".", cause);
        }

        @Override
        public boolean passing() {
            return true;
        }
    }
}
