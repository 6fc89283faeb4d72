package dev.lorikeet.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Requests for tests, and their results.
public final class Requests {
    private Requests() {}

    public static GenerationRequest greedy(int[] prompt, int maxTokens) {
        return with(prompt, SamplingParams.greedy(), stop(maxTokens));
    }

    public static GenerationRequest with(int[] prompt, SamplingParams sampling, StopRules stop) {
        return new GenerationRequest(prompt, sampling, stop, OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
    }

    public static StopRules stop(int maxTokens) {
        return new StopRules(Set.of(), Set.of(), false, 0, maxTokens, Optional.empty(), Optional.empty());
    }

    /// What a stream delivered, to its end.
    public record Result(List<Integer> tokens, List<GenerationEvent> events, Optional<GenerationEvent.Finished> finished) {}

    public static Result read(TokenStream stream) throws InterruptedException {
        var tokens = new ArrayList<Integer>();
        var events = new ArrayList<GenerationEvent>();
        while (true) {
            var event = stream.next(Duration.ofSeconds(30)).orElseThrow(() -> new AssertionError("no event for 30 seconds"));
            events.add(event);
            switch (event) {
                case GenerationEvent.Token token -> tokens.add(token.id());
                case GenerationEvent.Finished finished -> {
                    return new Result(tokens, events, Optional.of(finished));
                }
                case GenerationEvent.Failed _ -> {
                    return new Result(tokens, events, Optional.empty());
                }
                case GenerationEvent.PromptScored _ -> { }
            }
        }
    }
}
