package dev.lorikeet.catalog;

import dev.lorikeet.chat.LoadedTextModel;
import dev.lorikeet.engine.Engine;
import dev.lorikeet.model.LoadedModel;

/// A model in memory: weights, tokenizer, and the engine that runs it. Owns them.
final class Resident {
    private final LoadedModel weights;
    private final Engine engine;
    private final LoadedTextModel text;

    Resident(LoadedModel weights, Engine engine, LoadedTextModel text) {
        this.weights = weights;
        this.engine = engine;
        this.text = text;
    }

    LoadedModel weights() {
        return weights;
    }

    LoadedTextModel text() {
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
        text.close();
        weights.close();
        return plan.weightBytes() + cache;
    }
}
