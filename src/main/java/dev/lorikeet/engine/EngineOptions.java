package dev.lorikeet.engine;

import java.time.Duration;

/// @param maxQueue sequences that may wait for a slot @param prefillChunk prompt tokens in one step while others decode
/// @param timeLimit of every request, waiting included
public record EngineOptions(int maxQueue, int prefillChunk, Duration timeLimit) {
    public EngineOptions {
        if (maxQueue < 1) {
            throw new IllegalArgumentException("max-queue is " + maxQueue + "; it must be at least 1");
        }
        if (prefillChunk < 16) {
            throw new IllegalArgumentException("prefill-chunk is " + prefillChunk + "; it must be at least 16");
        }
    }
}
