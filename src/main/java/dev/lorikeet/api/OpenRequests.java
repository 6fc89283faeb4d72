package dev.lorikeet.api;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/// The requests that are under way, so that a server that is asked to stop lets them end and begins no others. Safe for use by many threads.
@ApplicationScoped
public class OpenRequests {
    private int open;
    private boolean closing;

    /// @return whether the request may begin; if so, [#leave] must follow
    synchronized boolean enter() {
        if (closing) {
            return false;
        }
        open++;
        return true;
    }

    synchronized void leave() {
        open--;
        notifyAll();
    }

    /// From now on nothing begins any more.
    public synchronized void refuseFurther() {
        closing = true;
    }

    /// Whether the server is on its way out.
    public synchronized boolean isClosing() {
        return closing;
    }

    /// Waits until all have ended, but no longer than `longest`. @return how many are left
    public synchronized int awaitEnd(Duration longest) throws InterruptedException {
        long end = System.nanoTime() + longest.toNanos();
        for (long left = longest.toNanos(); open > 0 && left > 0; left = end - System.nanoTime()) {
            wait(Math.max(1, left / 1_000_000));
        }
        return open;
    }
}
