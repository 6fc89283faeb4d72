package dev.lorikeet.access;

import io.github.bucket4j.Bucket;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// What one key has left of its limits: a bucket for each, so its memory does not grow. Safe for use by many threads.
///
/// Tokens are paid when they are there: a request may begin while the balance is above zero, and what it takes may put it below, for
/// which the next one waits. So a limit holds in the mean, and a request need not promise how long its answer will be.
public final class Allowance {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration DAY = Duration.ofDays(1);
    /// How long somebody is asked to wait for a request of its own to end.
    private static final Duration SOON = Duration.ofSeconds(1);

    private final Limits limits;
    private final Optional<Meter> requests;
    private final Optional<Meter> tokensPerMinute;
    private final Optional<Meter> tokensPerDay;
    private final AtomicLong running = new AtomicLong();

    /// One limit as it stands. @param reset until all of it is there again
    public record Reading(String counts, long limit, long remaining, Duration reset) {}

    private record Meter(Exceeded.Kind kind, long limit, Bucket bucket) {
        static Optional<Meter> of(Exceeded.Kind kind, OptionalLong limit, Duration period) {
            return limit.isEmpty() ? Optional.empty() : Optional.of(new Meter(kind, limit.getAsLong(), Bucket.builder()
                    .addLimit(bandwidth -> bandwidth.capacity(limit.getAsLong()).refillGreedy(limit.getAsLong(), period)).build()));
        }

        Exceeded exceeded() {
            return new Exceeded(kind, limit, Duration.ofNanos(bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill()));
        }

        Reading reading() {
            long left = bucket.getAvailableTokens();
            long reset = left >= limit ? 0 : bucket.estimateAbilityToConsume(limit).getNanosToWaitForRefill();
            return new Reading(kind.counts(), limit, Math.max(0, left), Duration.ofNanos(reset));
        }
    }

    public Allowance(Limits limits) {
        this.limits = limits;
        this.requests = Meter.of(Exceeded.Kind.REQUESTS_PER_MINUTE, limits.requestsPerMinute(), MINUTE);
        this.tokensPerMinute = Meter.of(Exceeded.Kind.TOKENS_PER_MINUTE, limits.tokensPerMinute(), MINUTE);
        this.tokensPerDay = Meter.of(Exceeded.Kind.TOKENS_PER_DAY, limits.tokensPerDay(), DAY);
    }

    Limits limits() {
        return limits;
    }

    /// Counts a request. @return the limit that refuses it
    public Optional<Exceeded> request() {
        return requests.filter(meter -> !meter.bucket().tryConsume(1)).map(Meter::exceeded);
    }

    /// A text that is being generated.
    public final class Running implements AutoCloseable {
        private final AtomicBoolean closed = new AtomicBoolean();

        /// Counts tokens that were read or generated.
        public void spend(long tokens) {
            if (tokens > 0) {
                meters().forEach(meter -> meter.bucket().consumeIgnoringRateLimits(tokens));
            }
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                running.decrementAndGet();
            }
        }
    }

    /// Begins a text. @throws LimitException a limit leaves no room for it
    public Running begin() {
        meters().filter(meter -> meter.bucket().getAvailableTokens() <= 0).findFirst().ifPresent(meter -> {
            throw new LimitException(meter.exceeded());
        });
        long most = limits.concurrentRequests().orElse(Long.MAX_VALUE);
        if (running.incrementAndGet() > most) {
            running.decrementAndGet();
            throw new LimitException(new Exceeded(Exceeded.Kind.CONCURRENT_REQUESTS, most, SOON));
        }
        return new Running();
    }

    private Stream<Meter> meters() {
        return Stream.of(tokensPerMinute, tokensPerDay).flatMap(Optional::stream);
    }

    /// Of requests and of tokens the limit that has least left, if there is one.
    public Stream<Reading> readings() {
        var tokens = meters().map(Meter::reading).min(java.util.Comparator.comparingLong(Reading::remaining));
        return Stream.concat(requests.map(Meter::reading).stream(), tokens.stream());
    }
}
