package dev.lorikeet.app;

import dev.lorikeet.tensor.NativeHeap;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;

/// Gives freed native memory back while requests run. Tensors and texts of ever other sizes leave glibc's heap full of holes, which it keeps:
/// under clients that come and go it grew by gigabytes in minutes where some hundred megabytes were in use.
@ApplicationScoped
class HeapWatch {
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final long GROWTH = 128L << 20;

    private final Thread thread = Thread.ofPlatform().daemon().name("heap-watch").unstarted(this::watch);

    void start(@Observes StartupEvent event) {
        thread.start();
    }

    void stop(@Observes ShutdownEvent event) {
        thread.interrupt();
    }

    private void watch() {
        long before = NativeHeap.residentBytes();
        try {
            while (true) {
                Thread.sleep(PAUSE);
                if (NativeHeap.residentBytes() - before > GROWTH) {
                    NativeHeap.trim();
                    before = NativeHeap.residentBytes();
                }
            }
        } catch (InterruptedException _) {
            // The server stops.
        }
    }
}
