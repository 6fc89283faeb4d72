package dev.lorikeet.app;

import dev.lorikeet.engine.AdapterMix;
import dev.lorikeet.engine.Engine;
import dev.lorikeet.engine.EngineOptions;
import dev.lorikeet.engine.GenerationEvent;
import dev.lorikeet.engine.GenerationRequest;
import dev.lorikeet.engine.SamplingParams;
import dev.lorikeet.engine.StopRules;
import dev.lorikeet.engine.TokenStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;

/// What a measurement gives an engine to do: prompts of random ids, none of them twice, so that no prefix is reused, and greedy answers
/// of a fixed length.
final class Workload {
    static final EngineOptions ENGINE = new EngineOptions(64, 512, Duration.ofMinutes(10));
    static final int PROMPT = 64;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Engine engine;
    private final int vocabSize;
    private final SplittableRandom random = new SplittableRandom(1);

    /// @param vocabSize ids of prompts are below it
    Workload(Engine engine, int vocabSize) {
        this.engine = engine;
        this.vocabSize = vocabSize;
    }

    /// Whether a prompt of this length and a token after it fit into the context.
    boolean hasRoomFor(int promptLength) {
        return promptLength < engine.maxContext() - 1;
    }

    /// Seconds until the first token of a prompt to the base.
    double timeToFirstToken(int promptLength) throws InterruptedException {
        return timeToFirstToken(request(promptLength, 1));
    }

    /// Seconds until the first token of a prompt to these adapters.
    double timeToFirstToken(int promptLength, AdapterMix mix) throws InterruptedException {
        return timeToFirstToken(request(promptLength, 1).on(Optional.of(mix)));
    }

    private double timeToFirstToken(GenerationRequest request) throws InterruptedException {
        long start = System.nanoTime();
        drain(engine.submit(request));
        return seconds(start);
    }

    /// Tokens per second of all sequences together, from the moment when each has its first token.
    ///
    /// @param mixes one for each sequence @param outputLength tokens of each answer
    double decodeRate(List<Optional<AdapterMix>> mixes, int outputLength) throws InterruptedException {
        var streams = new ArrayList<TokenStream>();
        for (var mix : mixes) {
            streams.add(engine.submit(request(PROMPT, outputLength).on(mix)));
        }
        for (var stream : streams) {
            stream.next(PATIENCE);
        }
        long start = System.nanoTime();
        int tokens = 0;
        for (var stream : streams) {
            tokens += drain(stream);
        }
        return tokens / seconds(start);
    }

    /// Milliseconds between the tokens of one sequence of the base.
    double[] gaps(int outputLength) throws InterruptedException {
        var stream = engine.submit(request(PROMPT, outputLength + 1));
        stream.next(PATIENCE);
        var gaps = new double[outputLength];
        for (int i = 0; i < outputLength; i++) {
            long start = System.nanoTime();
            stream.next(PATIENCE);
            gaps[i] = 1000 * seconds(start);
        }
        drain(stream);
        return gaps;
    }

    private GenerationRequest request(int promptLength, int outputLength) {
        int[] ids = random.ints(promptLength, 0, vocabSize).toArray();
        var stop = new StopRules(Set.of(), Set.of(), true, 0, outputLength, Optional.empty(), Optional.empty());
        return new GenerationRequest(ids, SamplingParams.greedy(), stop, OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
    }

    private static int drain(TokenStream stream) throws InterruptedException {
        int tokens = 0;
        while (true) {
            var event = stream.next(PATIENCE).orElseThrow(() -> new IllegalStateException("no token for five minutes"));
            switch (event) {
                case GenerationEvent.Token _ -> tokens++;
                case GenerationEvent.Finished _ -> {
                    return tokens;
                }
                case GenerationEvent.Failed failed -> throw new IllegalStateException(failed.message());
                case GenerationEvent.PromptScored _ -> { }
            }
        }
    }

    static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }
}
