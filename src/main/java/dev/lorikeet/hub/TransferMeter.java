package dev.lorikeet.hub;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Counts the bytes of a transfer and tells the listener at most ten times a second how far it is; bytes after which no more come
/// are told too. Says nothing once it is closed. Safe for use by many threads.
final class TransferMeter implements AutoCloseable {
    private static final long TELL_NANOS = Duration.ofMillis(100).toNanos();
    /// The speed is that of the last ten seconds or so.
    private static final double MEMORY_SECONDS = 10;

    private final Progress.Listener listener;
    private final LongSupplier nanoTime;
    private final Map<String, Progress.File> files = new LinkedHashMap<>();
    private long lastTold;
    private long moved;
    private double speed;
    private double weight;
    private boolean tellingLater;
    private boolean closed;

    /// @param nanoTime a clock as [System#nanoTime]
    TransferMeter(Progress.Listener listener, LongSupplier nanoTime) {
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.lastTold = nanoTime.getAsLong();
    }

    /// @param done bytes that are here already
    synchronized void add(String file, long done, long total) {
        files.put(file, new Progress.File(done, total));
    }

    synchronized void moved(String file, long bytes) {
        files.computeIfPresent(file, (_, old) -> new Progress.File(old.done() + bytes, old.total()));
        moved += Math.max(bytes, 0);
        long now = nanoTime.getAsLong();
        if (now - lastTold >= TELL_NANOS) {
            tell(now);
        } else if (!tellingLater) {
            tellingLater = true;
            CompletableFuture.delayedExecutor(TELL_NANOS, TimeUnit.NANOSECONDS).execute(this::tellRest);
        }
    }

    /// A transfer may halt right after bytes that were not yet told.
    private synchronized void tellRest() {
        tellingLater = false;
        if (!closed && moved > 0) {
            tell(nanoTime.getAsLong());
        }
    }

    /// The last word.
    synchronized void finish() {
        tell(nanoTime.getAsLong());
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    private void tell(long now) {
        double seconds = (now - lastTold) / 1e9;
        if (seconds > 0) {
            double fade = Math.exp(-seconds / MEMORY_SECONDS);
            speed = speed * fade + moved / seconds * (1 - fade);
            weight = weight * fade + 1 - fade;
            moved = 0;
            lastTold = now;
        }
        double rate = weight == 0 ? 0 : speed / weight;
        long left = files.values().stream().mapToLong(file -> file.total() - file.done()).sum();
        Optional<Duration> remaining = left == 0 ? Optional.of(Duration.ZERO)
                : rate < 1 ? Optional.empty() : Optional.of(Duration.ofSeconds((long) Math.ceil(left / rate)));
        listener.at(new Progress(files, rate, remaining));
    }
}
