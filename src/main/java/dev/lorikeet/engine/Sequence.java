package dev.lorikeet.engine;

import java.time.Duration;
import java.util.Optional;

/// One request on its way: its tokens, how many of them are cached, and where. Engine thread only, but for `cancel` and `finish`.
final class Sequence {
    final GenerationRequest request;
    final CacheKey cacheKey;
    private final IntList tokens;
    final SequenceTimes times;
    private final long deadlineNanos;
    private volatile boolean cancelled;
    private volatile boolean satisfied;
    private int slot;
    private int cached;
    private int reused;

    /// @param now and the deadline are of one clock, in nanoseconds @param serverLimit applies besides the request's own limit
    Sequence(GenerationRequest request, long now, Duration serverLimit) {
        this.request = request;
        this.cacheKey = CacheKey.of(request);
        this.tokens = new IntList(request.promptIds());
        this.times = new SequenceTimes(now);
        var limit = request.stop().timeLimit().filter(own -> own.compareTo(serverLimit) < 0).orElse(serverLimit);
        this.deadlineNanos = now + limit.toNanos();
    }

    /// Takes a slot whose first `reusedTokens` positions already hold this sequence's keys and values.
    void enter(int newSlot, int reusedTokens) {
        slot = newSlot;
        cached = reusedTokens;
        reused = reusedTokens;
    }

    int slot() {
        return slot;
    }

    /// Tokens whose keys and values are in the slot.
    int cached() {
        return cached;
    }

    int reused() {
        return reused;
    }

    int promptLength() {
        return request.promptIds().length;
    }

    int outputLength() {
        return tokens.size() - promptLength();
    }

    /// Prompt and output.
    IntList tokens() {
        return tokens;
    }

    boolean isPrefilling() {
        return cached < promptLength();
    }

    /// Keys and values of `count` more tokens are in the slot.
    void advance(int count) {
        cached += count;
    }

    void append(int token) {
        tokens.add(token);
    }

    void cancel() {
        cancelled = true;
    }

    /// The reader has what it waited for, such as a stop string: as a cancellation, but no failure.
    void finish() {
        satisfied = true;
        cancelled = true;
    }

    boolean isSatisfied() {
        return satisfied;
    }

    boolean isCancelled() {
        return cancelled;
    }

    boolean isLate(long now) {
        return now - deadlineNanos >= 0;
    }

    /// Why the sequence ends if `token` comes next, or empty if it goes on. Called before the token is appended.
    Optional<FinishReason> endsWith(int token) {
        var stop = request.stop();
        if (stop.stopTokenIds().contains(token)) {
            return Optional.of(new FinishReason.StopToken(token));
        }
        if (!stop.ignoreEos() && stop.endTokenIds().contains(token)) {
            return Optional.of(new FinishReason.EndToken(token));
        }
        return Optional.empty();
    }

    /// Why the sequence ends after the token just appended. @param capacity positions that a slot holds
    Optional<FinishReason> endsAfterAppend(int capacity) {
        var stop = request.stop();
        if (outputLength() >= stop.maxTokens()) {
            return Optional.of(new FinishReason.MaxTokens());
        }
        if (tokens.size() >= capacity) {
            return Optional.of(new FinishReason.ContextFull());
        }
        return stop.repetition().filter(this::loops).map(_ -> new FinishReason.RepetitionLoop());
    }

    private boolean loops(StopRules.RepetitionLoop rule) {
        for (int period = 1; period <= rule.maxPeriod() && period * rule.minRepeats() <= outputLength(); period++) {
            int from = tokens.size() - period * (rule.minRepeats() - 1);
            int i = tokens.size() - 1;
            while (i >= from && tokens.get(i) == tokens.get(i - period)) {
                i--;
            }
            if (i < from) {
                return true;
            }
        }
        return false;
    }
}
