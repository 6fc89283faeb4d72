package dev.lorikeet.engine;

/// When what happened to a sequence, on the clock of `System.nanoTime`. Engine thread only.
final class SequenceTimes {
    private final long arrived;
    private long started;
    private long first;
    private long last;
    private boolean running;
    private boolean drawn;

    SequenceTimes(long arrived) {
        this.arrived = arrived;
    }

    /// Its first step begins; later calls change nothing.
    void start(long now) {
        if (!running) {
            running = true;
            started = now;
        }
    }

    /// A token was drawn, and is told.
    void token(Sequence sequence, long now, EngineListener listener) {
        if (drawn) {
            listener.nextToken(now - last);
        } else {
            drawn = true;
            first = now;
            listener.firstToken(sequence.promptLength(), sequence.reused(), now - arrived);
        }
        last = now;
    }

    EngineListener.Ended ended(EngineListener.Outcome outcome, int promptTokens, int generated, long now) {
        long start = running ? started : now;
        long end = drawn ? first : now;
        return new EngineListener.Ended(outcome, promptTokens, generated, start - arrived, end - start, now - end, now - arrived);
    }
}
