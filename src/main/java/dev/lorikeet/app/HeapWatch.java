package dev.lorikeet.app;

import dev.lorikeet.tensor.NativeHeap;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;

/// Gives freed memory back. Tensors and texts of ever other sizes leave glibc's heap full of holes, which it keeps: under clients that come
/// and go it grew by gigabytes in minutes where some hundred megabytes were in use. So it is trimmed while requests run. The Java heap would
/// fill with garbage to its very limit before the serial collector looked at all of it, and shrinks only then: it is collected as it grows.
@ApplicationScoped
class HeapWatch {
    private static final Duration PAUSE = Duration.ofMillis(250);
    /// Of so many looks at the Java heap, one is at the whole process too.
    private static final int LOOKS_A_TRIM = 4;
    /// Trimming takes milliseconds, and an ordinary batch of sixteen long answers leaves hundreds of MiB.
    private static final long GROWTH = 64L << 20;

    private final Thread thread = Thread.ofPlatform().daemon().name("heap-watch").unstarted(this::watch);

    /// The last collection of the whole Java heap, which holds everyone up.
    ///
    /// @param left bytes that the heap took afterwards @param pause how long it took @param end on the clock of [System#nanoTime]
    record Collection(long left, Duration pause, long end) {
        /// Of the time, at most a twelfth goes to collections.
        private static final int SHARE = 12;

        static Collection run() {
            long start = System.nanoTime();
            System.gc();
            long end = System.nanoTime();
            return new Collection(Runtime.getRuntime().totalMemory(), Duration.ofNanos(end - start), end);
        }

        /// Whether another is worth its while. @param heap bytes that the heap takes now
        boolean isLongAgo(long heap, long now) {
            return heap - left > Math.max(GROWTH, left / 4) && now - end > pause.multipliedBy(SHARE).toNanos();
        }
    }

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) {
        thread.interrupt();
    }

    private void watch() {
        var last = new Collection(Runtime.getRuntime().totalMemory(), Duration.ZERO, System.nanoTime());
        long resident = NativeHeap.residentBytes();
        try {
            for (int looks = 1;; looks++) {
                Thread.sleep(PAUSE);
                if (last.isLongAgo(Runtime.getRuntime().totalMemory(), System.nanoTime())) {
                    last = Collection.run();
                    resident = Math.min(resident, NativeHeap.residentBytes());
                } else if (looks % LOOKS_A_TRIM == 0 && NativeHeap.residentBytes() - resident > GROWTH) {
                    NativeHeap.trim();
                    resident = NativeHeap.residentBytes();
                }
            }
        } catch (InterruptedException _) {
            // The server stops.
        }
    }
}
