package dev.lorikeet.job;

import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.training.ServingGate;
import java.time.Duration;

/// Holds the trainer while any sequence is being generated, so that an answer waits for one layer of training at most. Under load that
/// never ends it lets a layer through every half second: training slows down, but comes to its end.
final class ServingFirst implements ServingGate {
    private static final Duration LONGEST_HOLD = Duration.ofMillis(500);

    private final InferenceLoop loop;

    ServingFirst(InferenceLoop loop) {
        this.loop = loop;
    }

    @Override
    public void pass() throws InterruptedException {
        if (loop.isBusy()) {
            loop.awaitIdle(LONGEST_HOLD);
        }
    }
}
