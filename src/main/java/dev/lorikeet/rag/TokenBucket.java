package dev.lorikeet.rag;

import java.time.Duration;
import java.util.function.LongSupplier;

/// Lets at most so many calls through in a second; the others wait in the order in which they came. Safe for use by many threads.
final class TokenBucket {
    private final long nanosPerCall;
    private final long burstNanos;
    private final LongSupplier nanoClock;
    private final Pause pause;
    // When the next call may go: behind the present by as much as may go at once.
    private long next;

    /// How a caller waits.
    @FunctionalInterface
    interface Pause {
        void sleep(Duration time) throws InterruptedException;
    }

    TokenBucket(int callsPerSecond, LongSupplier nanoClock, Pause pause) {
        this.nanosPerCall = 1_000_000_000L / callsPerSecond;
        this.burstNanos = nanosPerCall * (callsPerSecond - 1);
        this.nanoClock = nanoClock;
        this.pause = pause;
        this.next = nanoClock.getAsLong() - burstNanos;
    }

    /// Waits for its turn.
    void take() throws InterruptedException {
        long wait = reserve();
        if (wait > 0) {
            pause.sleep(Duration.ofNanos(wait));
        }
    }

    /// Lets nobody through for a while: the provider counts otherwise than we do.
    synchronized void hold(Duration time) {
        next = Math.max(next, nanoClock.getAsLong() + time.toNanos());
    }

    private synchronized long reserve() {
        long now = nanoClock.getAsLong();
        next = Math.max(next, now - burstNanos);
        long mine = next;
        next += nanosPerCall;
        return mine - now;
    }
}
