package dev.lorikeet.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;

/// Decides which tokens the next step computes. Pure: no tensors, no clock, no threads.
///
/// Every running sequence that has its prompt cached gets one token in each step; what is left of the step's budget goes to
/// prompts, first come first served, in chunks. A sequence holds a slot of full capacity from its first chunk to its end, so
/// nothing is ever preempted.
final class Scheduler {
    /// Prompts whose log-probabilities are wanted need logits for every token; this bounds `[tokens, vocabulary]`.
    private static final int SCORED_CHUNK = 64;

    private final SlotTable slots;
    private final int prefillChunk;
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private final List<Sequence> running = new ArrayList<>();

    /// @param prefillChunk prompt tokens in one step while others decode; four times as many while nobody does
    Scheduler(SlotTable slots, int prefillChunk) {
        this.slots = slots;
        this.prefillChunk = prefillChunk;
    }

    void add(Sequence sequence) {
        waiting.add(sequence);
    }

    int waiting() {
        return waiting.size();
    }

    int running() {
        return running.size();
    }

    boolean isIdle() {
        return waiting.isEmpty() && running.isEmpty();
    }

    /// Takes out the sequences that match, waiting or running, and frees their slots.
    List<Sequence> remove(Predicate<Sequence> condition) {
        var removed = new ArrayList<Sequence>();
        waiting.stream().filter(condition).forEach(removed::add);
        waiting.removeAll(removed);
        for (var sequence : running.stream().filter(condition).toList()) {
            finish(sequence);
            removed.add(sequence);
        }
        return removed;
    }

    /// A sequence has ended; what its slot holds stays for reuse.
    void finish(Sequence sequence) {
        running.remove(sequence);
        slots.release(sequence);
    }

    /// A step broke off: these sequences end and what their slots hold is void.
    void abandon(List<Sequence> sequences) {
        for (var sequence : sequences) {
            running.remove(sequence);
            slots.forget(sequence);
        }
    }

    StepPlan plan() {
        var copies = admit();
        var decoding = running.stream().filter(sequence -> !sequence.isPrefilling()).sorted(Comparator.comparingInt(Sequence::slot)).toList();
        int budget = decoding.isEmpty() ? prefillChunk * 4 : prefillChunk;
        var prefills = new ArrayList<StepPlan.Prefill>();
        for (var sequence : running) {
            if (sequence.isPrefilling() && budget > 0) {
                int count = Math.min(chunkLimit(sequence, budget), sequence.promptLength() - sequence.cached());
                prefills.add(new StepPlan.Prefill(sequence, count));
                budget -= count;
            }
        }
        return new StepPlan(copies, decoding, prefills);
    }

    private int chunkLimit(Sequence sequence, int budget) {
        if (sequence.request.promptLogprobs().isPresent()) {
            return SCORED_CHUNK;
        }
        // Where chunks begin must not depend on what else there is to do, even if that overdraws the budget a little.
        return sequence.request.reproducible() ? prefillChunk : budget;
    }

    private List<StepPlan.Copy> admit() {
        var copies = new ArrayList<StepPlan.Copy>();
        for (var candidates = waiting.iterator(); candidates.hasNext() && slots.hasFree();) {
            var sequence = candidates.next();
            if (!awaitsSharedPrefix(sequence)) {
                candidates.remove();
                var placement = slots.take(sequence);
                placement.copyFrom().ifPresent(source -> copies.add(new StepPlan.Copy(source, placement.slot(), placement.reused())));
                running.add(sequence);
            }
        }
        return copies;
    }

    /// Whether a running prompt is just computing a beginning that this one shares: then waiting for it is cheaper than computing it
    /// twice. It ends, so this one is not held up for ever.
    private boolean awaitsSharedPrefix(Sequence sequence) {
        if (!sequence.request.mayReusePrefix()) {
            return false;
        }
        int available = slots.longestReuse(sequence);
        return running.stream().filter(Sequence::isPrefilling).filter(other -> other.cacheKey.equals(sequence.cacheKey)).anyMatch(other -> {
            int shared = Math.min(other.tokens().commonPrefix(sequence.request.promptIds()), sequence.promptLength() - 1);
            return shared >= available + SlotTable.MIN_REUSE * 2;
        });
    }
}
