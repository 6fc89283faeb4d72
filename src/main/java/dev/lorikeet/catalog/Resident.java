package dev.lorikeet.catalog;

import dev.lorikeet.adapter.AdapterTables;
import dev.lorikeet.chat.LoadedTextModel;
import dev.lorikeet.chat.ModelText;
import dev.lorikeet.engine.Engine;
import dev.lorikeet.engine.EngineListener;
import dev.lorikeet.engine.EngineOptions;
import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.ModelPlan;
import dev.lorikeet.model.Quantization;
import dev.lorikeet.tensor.NativeHeap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.DoubleConsumer;

/// A model in memory: weights, tokenizer, and the engine that runs it. Owns them.
final class Resident {
    /// What a model's engine is made of. @param loop that runs it @param listener hears what it does
    record Engines(EngineOptions options, InferenceLoop loop, EngineListener listener) {}

    /// Loads a model's weights and text side by side and starts its engine.
    ///
    /// @param progress called with 0…1
    static Resident load(ModelPlan plan, Engines engines, DoubleConsumer progress) throws InterruptedException {
        // A large tokenizer takes longer to read than the weights take to map.
        var text = CompletableFuture.supplyAsync(() -> ModelText.load(plan.folder()), task -> Thread.ofPlatform().name("tokenizer").start(task));
        LoadedModel weights;
        try {
            weights = LoadedModel.load(plan, progress);
        } catch (RuntimeException | Error e) {
            text.thenAccept(ModelText::close);
            throw e;
        }
        var engine = new Engine(weights, engines.options(), engines.loop(), new AdapterTables(weights), engines.listener());
        try {
            return new Resident(weights, engine, join(text).with(engine, plan.config().vocabSize()));
        } catch (RuntimeException e) {
            text.thenAccept(ModelText::close);
            engine.drain();
            weights.close();
            throw e;
        }
    }

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

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
                plan.maxContext(), plan.maxBatch(), plan.weightBytes(), plan.cacheBytes(),
                plan.quantization().map(Quantization::name));
    }

    /// Finishes what runs, then frees everything. @return the bytes that the weights and the filled part of the KV cache took
    long release() throws InterruptedException {
        engine.drain();
        var plan = weights.plan();
        long cache = engine.stats().filledPositions() * plan.config().cacheElementsPerToken() * plan.type().bytes();
        text.close();
        weights.close();
        NativeHeap.trim();
        return plan.weightBytes() + cache;
    }
}
