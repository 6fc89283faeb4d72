package dev.lorikeet.engine;

import dev.lorikeet.model.Decoder;
import dev.lorikeet.model.StepBatch;
import dev.lorikeet.tensor.Logits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A decoder without tensors whose next token is a hash of all tokens before it, read from what its "cache" holds: any mistake in
/// positions, slots, prefix reuse or chunks changes the output.
final class FakeDecoder implements Decoder {
    static final int VOCAB = 97;

    private final int[][] cache;
    private final int capacity;
    int steps;
    int tokensComputed;
    boolean broken;

    FakeDecoder(int slots, int capacity) {
        this.cache = new int[slots][capacity];
        this.capacity = capacity;
    }

    /// What the model says after these tokens.
    static int next(int[] tokens, int length) {
        int hash = 17;
        for (int i = 0; i < length; i++) {
            hash = hash * 31 + tokens[i] + 1;
        }
        return Math.floorMod(hash ^ hash >>> 11, VOCAB);
    }

    /// What a run alone generates.
    static List<Integer> expected(int[] prompt, int count) {
        int[] tokens = Arrays.copyOf(prompt, prompt.length + count);
        var output = new ArrayList<Integer>();
        for (int i = 0; i < count; i++) {
            tokens[prompt.length + i] = next(tokens, prompt.length + i);
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
        for (var row : batch.decoding()) {
            if (row.slot() <= lastSlot) {
                throw new IllegalStateException("decoding rows are not in ascending order of slots");
            }
            lastSlot = row.slot();
            cache[row.slot()][row.position()] = row.id();
            greedy.add(next(cache[row.slot()], row.position() + 1));
        }
        for (var chunk : batch.chunks()) {
            System.arraycopy(chunk.ids(), 0, cache[chunk.slot()], chunk.past(), chunk.ids().length);
            for (int i = 0; i < chunk.ids().length; i++) {
                boolean last = i == chunk.ids().length - 1;
                if (chunk.logits() == StepBatch.LogitRows.ALL || chunk.logits() == StepBatch.LogitRows.LAST && last) {
                    greedy.add(next(cache[chunk.slot()], chunk.past() + i + 1));
                }
            }
        }
        return new FakeLogits(greedy);
    }

    @Override
    public void copyPrefix(int source, int target, int length) {
        System.arraycopy(cache[source], 0, cache[target], 0, length);
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
