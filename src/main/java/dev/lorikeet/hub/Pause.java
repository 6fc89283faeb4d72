package dev.lorikeet.hub;

import java.time.Duration;

/// Waits; tests bring one that does not.
@FunctionalInterface
public interface Pause {
    Pause REAL = Thread::sleep;

    void of(Duration time) throws InterruptedException;
}
