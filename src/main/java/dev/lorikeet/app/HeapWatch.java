package dev.lorikeet.app;

import dev.lorikeet.tensor.NativeHeap;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;

/// Gives freed memory back. Tensors and texts of ever other sizes leave glibc's heap full of holes, which it keeps: under clients that come
/// and go it grew by gigabytes in minutes where some hundred megabytes were in use. So it is trimmed while requests run. The Java heap
/// shrinks only when it is collected as a whole, which would hold everyone up: that waits until nothing runs.
@ApplicationScoped
class HeapWatch {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /// Looks between two at the Java heap.
    private static final int PATIENCE = 5;
    /// Trimming takes milliseconds, and and an ordinary batch of sixteen long answers leaves hundreds of MiB.
    private static final long GROWTH = 64L << 20;
    private static final long HEAP_GROWTH = 128L << 20;
    /// A server without requests, but with probes and scrapes, needs less than a tenth of one processor.
    private static final int QUIET = 10;

    private final Thread thread = Thread.ofPlatform().daemon().name("heap-watch").unstarted(this::watch);

    /// What one look finds. @param resident bytes of the process @param heap bytes that the Java heap has taken @param processor time used so far
    record Look(long resident, long heap, Duration processor) {
        static Look now() {
            return new Look(NativeHeap.residentBytes(), Runtime.getRuntime().totalMemory(),
                    ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO));
        }

        boolean isQuietSince(Look before) {
            return processor.minus(before.processor).multipliedBy(QUIET).compareTo(PAUSE.multipliedBy(PATIENCE)) < 0;
        }
    }

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) {
        thread.interrupt();
    }

    private void watch() {
        var last = Look.now();
        long resident = last.resident();
        long heap = last.heap();
        try {
            for (int looks = 1;; looks++) {
                Thread.sleep(PAUSE);
                var now = Look.now();
                boolean heapsTurn = looks % PATIENCE == 0;
                if (heapsTurn && now.heap() - heap > HEAP_GROWTH && now.isQuietSince(last)) {
                    System.gc();
                    NativeHeap.trim();
                    resident = NativeHeap.residentBytes();
                    heap = Runtime.getRuntime().totalMemory();
                } else if (now.resident() - resident > GROWTH) {
                    NativeHeap.trim();
                    resident = NativeHeap.residentBytes();
                }
                if (heapsTurn) {
                    last = now;
                }
            }
        } catch (InterruptedException _) {
            // The server stops.
        }
    }
}
