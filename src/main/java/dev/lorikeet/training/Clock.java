package dev.lorikeet.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Times steps, for reports only.
final class Clock {
    private static final long PAGE = 4096;

    private long started;
    private long last;
    private long total;
    private int steps;

    void start() {
        started = System.nanoTime();
    }

    void stop() {
        last = System.nanoTime() - started;
        total += last;
        steps++;
    }

    double lastSeconds() {
        return Math.max(1, last) / 1e9;
    }

    double meanSeconds() {
        return steps == 0 ? 0 : total / 1e9 / steps;
    }

    /// Resident memory of this process; 0 where the operating system does not tell.
    static long residentBytes() {
        try {
            return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * PAGE;
        } catch (IOException _) {
            return 0;
        }
    }
}
