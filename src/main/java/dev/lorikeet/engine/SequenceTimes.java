package dev.lorikeet.engine;

import java.util.OptionalLong;

/// When what happened to a sequence, on the clock of `System.nanoTime`. Engine thread only, but for `phases`.
final class SequenceTimes {
    private final long arrived;
    private long started;
    private long first;
    private long last;
    private volatile boolean running;
    private volatile boolean drawn;

    SequenceTimes(long arrived) {
        this.arrived = arrived;
    }

    /// Its first step begins; later calls change nothing.
    void start(long now) {
        if (!running) {
            started = now;
            running = true;
        }
    }

    /// A token was drawn, and is told.
    void token(Sequence sequence, long now, EngineListener listener) {
        if (drawn) {
            listener.nextToken(now - last);
        } else {
            first = now;
            drawn = true;
            listener.firstToken(sequence.promptLength(), sequence.reused(), now - arrived);
        }
        last = now;
    }

    /// Any thread: each time is written before it is said to be there.
    Phases phases() {
        return new Phases(arrived, running ? OptionalLong.of(started) : OptionalLong.empty(), drawn ? OptionalLong.of(first) : OptionalLong.empty());
    }

    EngineListener.Ended ended(EngineListener.Outcome outcome, int promptTokens, int generated, long now) {
        long start = running ? started : now;
        long end = drawn ? first : now;
        return new EngineListener.Ended(outcome, promptTokens, generated, start - arrived, end - start, now - end, now - arrived);
    }
}
