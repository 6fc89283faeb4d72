package dev.lorikeet.training;

/// Times steps, for reports only.
final class Clock {
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
}
