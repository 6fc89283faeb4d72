package dev.lorikeet.chat;

import dev.lorikeet.engine.FinishReason;
import dev.lorikeet.engine.GenerationEvent;
import dev.lorikeet.engine.Phases;
import dev.lorikeet.engine.TokenLogprobs;
import dev.lorikeet.engine.TokenStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Text out of a [TokenStream]: detokenized, ended by stop strings, delivered as soon as it is final.
final class StoppingTextStream implements TextStream {
    // How long a stopped stream waits for the engine's last word, which alone knows the number of cached tokens.
    private static final long LAST_WORD_NANOS = Duration.ofSeconds(2).toNanos();

    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private record Stopped(String stop, int completionTokens, long since) {}

    private final TokenStream tokens;
    private final TextRequest request;
    private final ModelTokenizer tokenizer;
    private final Detokenizer detokenizer;
    private final StopMatcher stops;
    private final Deque<TextEvent> ready = new ArrayDeque<>();
    private final Deque<TextEvent.OutputToken> unreported = new ArrayDeque<>();
    private int reported;
    private int generated;
    private Optional<Stopped> stopped = Optional.empty();

    StoppingTextStream(TokenStream tokens, TextRequest request, ModelTokenizer tokenizer) {
        this.tokens = tokens;
        this.request = request;
        this.tokenizer = tokenizer;
        detokenizer = tokenizer.detokenizer(request.skipSpecialTokens());
        stops = new StopMatcher(request.stopStrings());
    }

    @Override
    public Optional<TextEvent> next(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + (timeout.compareTo(LONGEST_WAIT) < 0 ? timeout : LONGEST_WAIT).toNanos();
        while (ready.isEmpty()) {
            Duration remaining = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            Optional<GenerationEvent> event = tokens.next(remaining);
            if (event.isPresent()) {
                accept(event.get());
            } else if (stopped.isPresent() && System.nanoTime() - stopped.get().since() > LAST_WORD_NANOS) {
                endStopped(0);
            } else if (deadline - System.nanoTime() <= 0) {
                return Optional.empty();
            }
        }
        return Optional.of(ready.poll());
    }

    private void accept(GenerationEvent event) {
        switch (event) {
            case GenerationEvent.PromptScored scored -> ready.add(promptScores(scored));
            case GenerationEvent.Token token when stopped.isEmpty() -> {
                generated++;
                unreported.add(new TextEvent.OutputToken(token.id(), token.logprobs().map(this::scored)));
                deliver(detokenizer.push(token.id()));
            }
            case GenerationEvent.Token _ -> { }
            case GenerationEvent.Finished finished when stopped.isPresent() -> endStopped(finished.cachedTokens());
            case GenerationEvent.Finished finished -> finish(finished);
            case GenerationEvent.Failed _ when stopped.isPresent() -> endStopped(0);
            case GenerationEvent.Failed failed -> {
                deliver(detokenizer.finish());
                if (stopped.isPresent()) {
                    endStopped(0);
                } else {
                    delta(stops.rest(), generated);
                    ready.add(new TextEvent.Failure(failed.message()));
                }
            }
        }
    }

    private void deliver(List<Detokenizer.Piece> pieces) {
        int minTokens = request.generation().stop().minTokens();
        for (Detokenizer.Piece piece : pieces) {
            Optional<String> stop = stops.push(piece.text(), piece.tokens() > minTokens);
            if (stop.isPresent()) {
                tokens.finish();
                delta(request.includeStopString() ? stops.rest() : stops.upTo(stop.get()), piece.tokens());
                stopped = Optional.of(new Stopped(stop.get(), piece.tokens(), System.nanoTime()));
                return;
            }
        }
        delta(stops.release(), detokenizer.settled());
    }

    private void finish(GenerationEvent.Finished finished) {
        if (request.includeStopString()) {
            switch (finished.reason()) {
                case FinishReason.EndToken(int id) -> deliver(detokenizer.push(id));
                case FinishReason.StopToken(int id) -> deliver(detokenizer.push(id));
                default -> { }
            }
        }
        if (stopped.isEmpty()) {
            deliver(detokenizer.finish());
        }
        if (stopped.isPresent()) {
            endStopped(finished.cachedTokens());
            return;
        }
        delta(stops.rest(), generated);
        ready.add(end(finished));
    }

    private void delta(String text, int settled) {
        List<TextEvent.OutputToken> report = new ArrayList<>();
        while (reported < settled && !unreported.isEmpty()) {
            report.add(unreported.poll());
            reported++;
        }
        if (!text.isEmpty() || !report.isEmpty()) {
            ready.add(new TextEvent.Delta(text, List.copyOf(report)));
        }
    }

    private TextEvent.End end(GenerationEvent.Finished finished) {
        Optional<Object> reason = Optional.empty();
        TextEvent.StopKind kind = switch (finished.reason()) {
            case FinishReason.EndToken _ -> TextEvent.StopKind.END_TOKEN;
            case FinishReason.StopToken(int id) -> {
                reason = Optional.of(id);
                yield TextEvent.StopKind.STOP_TOKEN;
            }
            case FinishReason.MaxTokens _ -> TextEvent.StopKind.MAX_TOKENS;
            case FinishReason.ContextFull _ -> TextEvent.StopKind.CONTEXT_FULL;
            case FinishReason.TimeLimit _ -> TextEvent.StopKind.TIME_LIMIT;
            case FinishReason.RepetitionLoop _ -> TextEvent.StopKind.REPETITION;
            case FinishReason.Cancelled _ -> TextEvent.StopKind.CANCELLED;
        };
        return new TextEvent.End(kind, reason, usage(finished.generatedTokens(), finished.cachedTokens()));
    }

    private void endStopped(int cachedTokens) {
        Stopped at = stopped.orElseThrow();
        ready.add(new TextEvent.End(TextEvent.StopKind.STOP_STRING, Optional.of(at.stop()), usage(at.completionTokens(), cachedTokens)));
    }

    private TextEvent.Usage usage(int completionTokens, int cachedTokens) {
        return new TextEvent.Usage(request.generation().promptIds().length, completionTokens, cachedTokens);
    }

    private TextEvent.PromptScores promptScores(GenerationEvent.PromptScored scored) {
        List<Optional<TextEvent.ScoredToken>> all = new ArrayList<>();
        all.add(Optional.empty());
        scored.tokens().forEach(token -> all.add(Optional.of(scored(token))));
        return new TextEvent.PromptScores(all);
    }

    private TextEvent.ScoredToken scored(TokenLogprobs logprobs) {
        return scored(logprobs.token(), logprobs.top().stream().map(entry -> scored(entry, List.of())).toList());
    }

    private TextEvent.ScoredToken scored(TokenLogprobs.Entry entry, List<TextEvent.ScoredToken> top) {
        byte[] bytes = tokenizer.bytes(entry.id());
        return new TextEvent.ScoredToken(entry.id(), Utf8Stream.decode(bytes), bytes, entry.logprob(), entry.rank(), top);
    }

    @Override
    public Optional<Phases> phases() {
        return tokens.phases();
    }

    @Override
    public void close() {
        tokens.close();
    }
}
