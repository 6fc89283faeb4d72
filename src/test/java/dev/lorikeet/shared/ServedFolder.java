package dev.lorikeet.shared;

import dev.lorikeet.chat.LoadedTextModel;
import dev.lorikeet.chat.ModelText;
import dev.lorikeet.chat.TextEvent;
import dev.lorikeet.chat.TextRequest;
import dev.lorikeet.engine.Engine;
import dev.lorikeet.engine.EngineOptions;
import dev.lorikeet.engine.GenerationRequest;
import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.engine.SamplingParams;
import dev.lorikeet.engine.StopRules;
import dev.lorikeet.model.Fixtures;
import dev.lorikeet.model.LoadedModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/// A model folder behind the parts that serve it: weights, engine, text. HTTP alone is left out.
final class ServedFolder implements AutoCloseable {
    private final LoadedModel weights;
    private final InferenceLoop loop;
    private final Engine engine;
    private final LoadedTextModel text;

    private ServedFolder(LoadedModel weights, InferenceLoop loop, Engine engine, LoadedTextModel text) {
        this.weights = weights;
        this.loop = loop;
        this.engine = engine;
        this.text = text;
    }

    static ServedFolder open(Path folder, String dtype) {
        var weights = Fixtures.load(folder, dtype, 2);
        var loop = new InferenceLoop();
        var engine = new Engine(weights, new EngineOptions(16, 64, Duration.ofMinutes(2)), loop);
        return new ServedFolder(weights, loop, engine, ModelText.load(folder).with(engine, weights.vocabSize()));
    }

    LoadedTextModel text() {
        return text;
    }

    /// @param text as streamed @param ids without an end token that ended it
    record Text(String text, int[] ids, TextEvent.End end) {}

    Text greedy(int[] prompt, int maxTokens) throws InterruptedException {
        var ids = new ArrayList<Integer>();
        var streamed = new StringBuilder();
        try (var stream = text.generate(request(prompt, maxTokens, OptionalInt.empty()))) {
            while (true) {
                switch (stream.next(Duration.ofSeconds(60)).orElseThrow()) {
                    case TextEvent.Delta delta -> {
                        streamed.append(delta.text());
                        delta.tokens().forEach(token -> ids.add(token.id()));
                    }
                    case TextEvent.End end -> {
                        return new Text(streamed.toString(), ids.stream().mapToInt(Integer::intValue).toArray(), end);
                    }
                    case TextEvent.PromptScores _ -> { }
                    case TextEvent.Failure failure -> throw new AssertionError(failure.message());
                }
            }
        }
    }

    /// Log-probabilities of the likeliest first tokens.
    Map<Integer, Double> firstToken(int[] prompt, int top) throws InterruptedException {
        var logprobs = new TreeMap<Integer, Double>();
        try (var stream = text.generate(request(prompt, 1, OptionalInt.of(top)))) {
            for (var event = stream.next(Duration.ofSeconds(60)).orElseThrow(); !(event instanceof TextEvent.End);
                    event = stream.next(Duration.ofSeconds(60)).orElseThrow()) {
                if (event instanceof TextEvent.Delta(var _, var tokens)) {
                    tokens.forEach(token -> token.scores().orElseThrow().top().forEach(score -> logprobs.put(score.id(), (double) score.logprob())));
                }
            }
        }
        return logprobs;
    }

    private TextRequest request(int[] prompt, int maxTokens, OptionalInt logprobs) {
        var stop = new StopRules(text.defaults().endTokenIds(), Set.of(), false, 0, maxTokens, Optional.empty(), Optional.empty());
        var generation = new GenerationRequest(prompt, SamplingParams.greedy(), stop, logprobs, OptionalInt.empty(), Optional.empty());
        return new TextRequest(generation, List.of(), false, true);
    }

    @Override
    public void close() throws InterruptedException {
        engine.drain();
        loop.close();
        text.close();
        weights.close();
    }
}
