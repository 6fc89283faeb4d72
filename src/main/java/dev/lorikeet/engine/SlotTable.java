package dev.lorikeet.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What each KV slot holds: the tokens whose keys and values are in it, and the sequence that uses it. A slot keeps its contents
/// after its sequence has ended, so that a later prompt with the same beginning need not compute it again. No tensors here.
final class SlotTable {
    /// Shorter common beginnings are not worth a slot's other contents.
    static final int MIN_REUSE = 16;

    private final List<Slot> slots = new ArrayList<>();
    private long uses;

    /// Where a sequence goes. @param copyFrom slot whose first `reused` positions must be copied first
    record Placement(int slot, int reused, Optional<Integer> copyFrom) {}

    private static final class Slot {
        Optional<Sequence> user = Optional.empty();
        CacheKey key = CacheKey.NONE;
        IntList tokens = new IntList(new int[0]);
        int cached;
        long lastUse;

        int filled() {
            return user.map(Sequence::cached).orElse(cached);
        }

        int reusable(Sequence sequence) {
            if (!key.equals(sequence.cacheKey)) {
                return 0;
            }
            // At least one prompt token must be computed: its logits choose the first output token.
            return Math.min(Math.min(tokens.commonPrefix(sequence.request.promptIds()), filled()), sequence.promptLength() - 1);
        }
    }

    SlotTable(int count) {
        for (int i = 0; i < count; i++) {
            slots.add(new Slot());
        }
    }

    boolean hasFree() {
        return slots.stream().anyMatch(slot -> slot.user.isEmpty());
    }

    /// Tokens at the start of the prompt that some slot, free or in use, has cached.
    int longestReuse(Sequence sequence) {
        return slots.stream().mapToInt(slot -> slot.reusable(sequence)).max().orElse(0);
    }

    /// Gives the sequence a free slot: the one with the longest common beginning if that is worth it, else an empty one, else the one
    /// not used for longest.
    Placement take(Sequence sequence) {
        boolean mayReuse = sequence.request.mayReusePrefix();
        int source = mayReuse ? bestSource(sequence) : -1;
        int reused = source < 0 ? 0 : slots.get(source).reusable(sequence);
        int target = source;
        // Contents beyond the common part are another conversation's: leave them to it while there is room elsewhere.
        boolean sourceInUse = source >= 0 && slots.get(source).user.isPresent();
        if (source < 0 || sourceInUse || slots.get(source).filled() > reused + MIN_REUSE && emptySlot() >= 0) {
            target = emptySlot() >= 0 ? emptySlot() : leastRecentlyUsed();
        }
        occupy(target, sequence, reused);
        return new Placement(target, reused, source >= 0 && source != target ? Optional.of(source) : Optional.empty());
    }

    private void occupy(int index, Sequence sequence, int reused) {
        var slot = slots.get(index);
        slot.user = Optional.of(sequence);
        slot.key = sequence.cacheKey;
        slot.tokens = sequence.tokens();
        slot.lastUse = ++uses;
        sequence.enter(index, reused);
    }

    /// The slot to reuse from, or -1: free ones win ties, since they need no copy.
    private int bestSource(Sequence sequence) {
        int best = -1;
        int longest = MIN_REUSE - 1;
        for (int i = 0; i < slots.size(); i++) {
            int reusable = slots.get(i).reusable(sequence);
            boolean freeTie = reusable == longest && best >= 0 && slots.get(best).user.isPresent() && slots.get(i).user.isEmpty();
            if (reusable > longest || freeTie) {
                best = i;
                longest = reusable;
            }
        }
        return best;
    }

    private int emptySlot() {
        for (int i = 0; i < slots.size(); i++) {
            if (slots.get(i).user.isEmpty() && slots.get(i).cached == 0) {
                return i;
            }
        }
        return -1;
    }

    private int leastRecentlyUsed() {
        int best = -1;
        for (int i = 0; i < slots.size(); i++) {
            if (slots.get(i).user.isEmpty() && (best < 0 || slots.get(i).lastUse < slots.get(best).lastUse)) {
                best = i;
            }
        }
        return best;
    }

    /// Frees the slot of a sequence and keeps what is in it.
    void release(Sequence sequence) {
        var slot = slots.get(sequence.slot());
        slot.user = Optional.empty();
        slot.cached = sequence.cached();
    }

    /// Forgets what the slot holds, for when a step broke off in the middle.
    void forget(Sequence sequence) {
        release(sequence);
        slots.get(sequence.slot()).cached = 0;
    }

    int free() {
        return (int) slots.stream().filter(slot -> slot.user.isEmpty()).count();
    }

    /// Positions in use or kept for reuse.
    long filledPositions() {
        return slots.stream().mapToLong(Slot::filled).sum();
    }
}
