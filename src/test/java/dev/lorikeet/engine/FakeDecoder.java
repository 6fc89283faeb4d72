package dev.lorikeet.engine;

import dev.lorikeet.model.Decoder;
import dev.lorikeet.model.StepBatch;
import dev.lorikeet.tensor.AdapterArguments;
import dev.lorikeet.tensor.Logits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// A decoder without tensors whose next token is a hash of all tokens before it, read from what its "cache" holds: any mistake in
/// positions, slots, prefix reuse or chunks changes the output.
final class FakeDecoder implements Decoder {
    static final int VOCAB = 97;

    private final int[][] cache;
    /// With which adapters the keys and values of each position were computed.
    private final int[][] computedWith;
    private final int capacity;
    int steps;
    int tokensComputed;
    boolean broken;

    FakeDecoder(int slots, int capacity) {
        this.cache = new int[slots][capacity];
        this.computedWith = new int[slots][capacity];
        this.capacity = capacity;
    }

    /// What the base says after these tokens.
    static int next(int[] tokens, int length) {
        return next(tokens, new int[length], length);
    }

    /// @param adapters with which each was computed, see [#effect]
    private static int next(int[] tokens, int[] adapters, int length) {
        int hash = 17;
        for (int i = 0; i < length; i++) {
            hash = hash * 31 + tokens[i] + 1 + adapters[i];
        }
        return Math.floorMod(hash ^ hash >>> 11, VOCAB);
    }

    /// A number for what a mix does; 0 for the base.
    private static int effect(Optional<AdapterMix> mix) {
        return mix.map(some -> some.shares().stream().mapToInt(share -> (int) (share.adapter().id() * 7919 * share.scale())).sum()).orElse(0);
    }

    /// What a run alone generates.
    static List<Integer> expected(int[] prompt, int count) {
        return expected(prompt, count, Optional.empty());
    }

    static List<Integer> expected(int[] prompt, int count, Optional<AdapterMix> mix) {
        int[] adapters = new int[prompt.length + count];
        Arrays.fill(adapters, effect(mix));
        int[] tokens = Arrays.copyOf(prompt, prompt.length + count);
        var output = new ArrayList<Integer>();
        for (int i = 0; i < count; i++) {
            tokens[prompt.length + i] = next(tokens, adapters, prompt.length + i);
            output.add(tokens[prompt.length + i]);
        }
        return output;
    }

    @Override
    public Logits step(StepBatch batch) {
        if (broken) {
            throw new IllegalStateException("broken on purpose");
        }
        steps++;
        tokensComputed += batch.tokens();
        var greedy = new ArrayList<Integer>();
        int lastSlot = -1;
        int sequence = 0;
        for (var row : batch.decoding()) {
            if (row.slot() <= lastSlot) {
                throw new IllegalStateException("decoding rows are not in ascending order of slots");
            }
            lastSlot = row.slot();
            cache[row.slot()][row.position()] = row.id();
            computedWith[row.slot()][row.position()] = FakeAdapters.effect(batch, sequence++);
            greedy.add(next(cache[row.slot()], computedWith[row.slot()], row.position() + 1));
        }
        for (var chunk : batch.chunks()) {
            System.arraycopy(chunk.ids(), 0, cache[chunk.slot()], chunk.past(), chunk.ids().length);
            Arrays.fill(computedWith[chunk.slot()], chunk.past(), chunk.past() + chunk.ids().length, FakeAdapters.effect(batch, sequence++));
            for (int i = 0; i < chunk.ids().length; i++) {
                boolean last = i == chunk.ids().length - 1;
                if (chunk.logits() == StepBatch.LogitRows.ALL || chunk.logits() == StepBatch.LogitRows.LAST && last) {
                    greedy.add(next(cache[chunk.slot()], computedWith[chunk.slot()], chunk.past() + i + 1));
                }
            }
        }
        return new FakeLogits(greedy);
    }

    @Override
    public void copyPrefix(int source, int target, int length) {
        System.arraycopy(cache[source], 0, cache[target], 0, length);
        System.arraycopy(computedWith[source], 0, computedWith[target], 0, length);
    }

    @Override
    public int slots() {
        return cache.length;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public int independentRows() {
        return 2;
    }

    @Override
    public int vocabSize() {
        return VOCAB;
    }

    /// An adapter without tensors.
    record FakeAdapter(long id, boolean isAdditive) implements LoadedAdapter {
        static FakeAdapter of(long id) {
            return new FakeAdapter(id, true);
        }
    }

    /// Puts fake adapters together, and remembers which batches are open.
    static final class FakeAdapters implements AdapterBatch.Source {
        final Set<Batch> open = ConcurrentHashMap.newKeySet();
        final List<List<AdapterMix>> prepared = new CopyOnWriteArrayList<>();

        @Override
        public AdapterBatch prepare(List<AdapterMix> mixes) {
            prepared.add(mixes);
            var batch = new Batch(this, mixes);
            open.add(batch);
            return batch;
        }

        record Batch(FakeAdapters owner, List<AdapterMix> mixes) implements AdapterBatch, StepBatch.PreparedAdapters {
            @Override
            public StepBatch.AdapterRows rows(List<Optional<AdapterMix>> wanted) {
                int[] combinations = wanted.stream().mapToInt(mix -> mix.map(some -> mixes.indexOf(some) + 1).orElse(0)).toArray();
                return new StepBatch.AdapterRows(this, combinations, new int[combinations.length]);
            }

            @Override
            public AdapterArguments arguments() {
                throw new UnsupportedOperationException();
            }

            @Override
            public void close() {
                if (!owner.open.remove(this)) {
                    throw new IllegalStateException("closed twice");
                }
            }
        }

        /// What the adapters of one sequence of a step do.
        static int effect(StepBatch batch, int sequence) {
            if (batch.adapters().isEmpty()) {
                return 0;
            }
            var mixes = (Batch) batch.adapters().get().prepared();
            if (!mixes.owner().open.contains(mixes)) {
                throw new IllegalStateException("these adapters have been closed");
            }
            int combination = batch.adapters().get().combinations()[sequence];
            return FakeDecoder.effect(combination == 0 ? Optional.empty() : Optional.of(mixes.mixes().get(combination - 1)));
        }
    }

    private record FakeLogits(List<Integer> tokens) implements Logits {
        @Override
        public int rows() {
            return tokens.size();
        }

        @Override
        public long[] greedy() {
            return tokens.stream().mapToLong(Integer::longValue).toArray();
        }

        @Override
        public float[] row(int row) {
            var logits = new float[VOCAB];
            for (int id = 0; id < VOCAB; id++) {
                logits[id] = -Math.floorMod(id - tokens.get(row), VOCAB) / 10f;
            }
            return logits;
        }

        @Override
        public Scores score(long[] rows, long[] ids, int top) {
            var own = new float[rows.length];
            var rank = new long[rows.length];
            var best = new float[rows.length * top];
            var bestIds = new long[rows.length * top];
            for (int i = 0; i < rows.length; i++) {
                rank[i] = Math.floorMod(ids[i] - tokens.get((int) rows[i]), VOCAB) + 1;
                own[i] = -rank[i];
                for (int k = 0; k < top; k++) {
                    best[i * top + k] = -1 - k;
                    bestIds[i * top + k] = (tokens.get((int) rows[i]) + k) % VOCAB;
                }
            }
            return new Scores(own, rank, best, bestIds);
        }

        @Override
        public void close() {}
    }
}
