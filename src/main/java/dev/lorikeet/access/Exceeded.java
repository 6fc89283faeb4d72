package dev.lorikeet.access;

import java.time.Duration;

/// A limit that leaves no room now. @param patience until there is some
public record Exceeded(Kind kind, long limit, Duration patience) {
    /// Which limit it is.
    public enum Kind {
        REQUESTS_PER_MINUTE("requests", "requests per minute"), TOKENS_PER_MINUTE("tokens", "tokens per minute"),
        TOKENS_PER_DAY("tokens", "tokens per day"), CONCURRENT_REQUESTS("requests", "requests at a time");

        private final String counts;
        private final String words;

        Kind(String counts, String words) {
            this.counts = counts;
            this.words = words;
        }

        /// `requests` or `tokens`.
        public String counts() {
            return counts;
        }

        public String words() {
            return words;
        }
    }
}
