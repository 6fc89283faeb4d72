package dev.lorikeet.catalog;

import dev.lorikeet.chat.TextModel;
import dev.lorikeet.engine.Engine;
import dev.lorikeet.model.LoadedModel;

/// A model in memory with the engine that runs it. Owns both.
final class Resident {
    private final LoadedModel weights;
    private final Engine engine;
    private final TextModel text;

    Resident(LoadedModel weights, Engine engine, TextModel text) {
        this.weights = weights;
        this.engine = engine;
        this.text = text;
    }

    TextModel text() {
        return text;
    }

    Engine engine() {
        return engine;
    }

    ModelState.ModelInfo info() {
        var plan = weights.plan();
        return new ModelState.ModelInfo(plan.config().family(), weights.parameters(), plan.type().configName(), plan.device().toString(),
                plan.maxContext(), plan.maxBatch(), plan.weightBytes(), plan.cacheBytes());
    }

    /// Finishes what runs, then frees everything. @return the bytes that the weights and the filled part of the KV cache took
    long release() throws InterruptedException {
        engine.drain();
        var plan = weights.plan();
        long cache = engine.stats().filledPositions() * plan.config().cacheElementsPerToken() * plan.type().bytes();
        weights.close();
        return plan.weightBytes() + cache;
    }
}
