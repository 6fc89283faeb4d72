package dev.lorikeet.api;

import dev.lorikeet.config.LorikeetConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Bounds what the bodies of all requests take of the heap together, from their first byte to the end of their requests. Where there is no room, a body
/// waits for a moment, and is then sent away. The first bytes of each come from a reserve of their own, so that ordinary requests are served while
/// others fill the rest. Safe for use by many threads.
@ApplicationScoped
public class BodyBudget {
    /// Of each body: more than nearly all have.
    static final long FIRST = 768 << 10;
    private static final int UNIT = 1 << 10;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Semaphore reserve;
    private final Semaphore rest;
    private final long largest;
    private final Duration patience;

    @Inject
    BodyBudget(LorikeetConfig config) {
        this(Runtime.getRuntime().maxMemory() / 16, Math.max(Runtime.getRuntime().maxMemory() / 8, BodyReader.COPIES * config.maxBody()), PATIENCE);
    }

    /// @param reserve bytes for the first bytes of each body @param rest bytes for what is beyond @param patience how long a body may wait for room
    BodyBudget(long reserve, long rest, Duration patience) {
        this.reserve = new Semaphore(units(reserve), true);
        this.rest = new Semaphore(units(rest), true);
        this.largest = rest;
        this.patience = patience;
    }

    /// Room for one body, none so far.
    Hold open() {
        return new Hold();
    }

    private static int units(long bytes) {
        return Math.toIntExact((bytes + UNIT - 1) / UNIT);
    }

    /// What one body has taken. Belongs to the thread that reads it; any thread may close it.
    final class Hold implements AutoCloseable {
        private int first;
        private int more;
        private boolean closed;

        /// Takes room for further bytes.
        ///
        /// @throws ApiException 413 if there never is so much, 503 if others have it
        void take(long bytes) {
            if (bytes > largest) {
                throw new ApiException(new ApiError.Protocol(413, "The body of the request holds so many values that they do not fit into this server's memory: "
                        + "send fewer at a time."));
            }
            int units = units(bytes);
            int fromReserve = Math.min(units, units(FIRST) - first);
            acquire(reserve, fromReserve);
            if (!keep(fromReserve, 0)) {
                reserve.release(fromReserve);
            }
            acquire(rest, units - fromReserve);
            if (!keep(0, units - fromReserve)) {
                rest.release(units - fromReserve);
            }
        }

        private void acquire(Semaphore room, int units) {
            try {
                if (units > 0 && !room.tryAcquire(units, patience.toNanos(), TimeUnit.NANOSECONDS)) {
                    throw new ApiException(new ApiError.Unavailable("The bodies of other requests fill the memory that this server has for them. Try again in a moment."));
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new ApiException(new ApiError.Unavailable("The server is shutting down."));
            }
        }

        /// Not if the request has ended meanwhile.
        private synchronized boolean keep(int ofReserve, int ofRest) {
            first += closed ? 0 : ofReserve;
            more += closed ? 0 : ofRest;
            return !closed;
        }

        /// Gives everything back.
        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                reserve.release(first);
                rest.release(more);
            }
        }
    }
}
