package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.MEMORY;
import static dev.lorikeet.tensor.kernel.Bf16.PAIRED;
import static dev.lorikeet.tensor.kernel.Bf16.WORDS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Products of a few queries with the keys that they share. One object serves one thread.
sealed interface AttentionScores {
    /// Queries that are scored together: one for each lane of a vector.
    int LANES = FLOATS.length();

    /// Writes `scores[position * LANES + query]`; what is not a query becomes finite or is not written.
    ///
    /// @param q address of `[queries, size]` @param k of `[length, size]`, both bfloat16 @param readable positions that memory has from k on
    void compute(long q, int queries, long k, int length, int readable, int size, float[] scores);

    /// On matrix registers: the keys are the operand that is read as it lies.
    final class Amx implements AttentionScores {
        private static final int BLOCK = 32;

        private final Brgemm brgemm;
        private final Scratch scratch = new Scratch();

        Amx(Brgemm brgemm) {
            this.brgemm = brgemm;
        }

        @Override
        public void compute(long q, int queries, long k, int length, int readable, int size, float[] scores) {
            long packed = scratch.floats((long) size / 2 * LANES + (long) BLOCK * LANES);
            long sums = packed + 2L * size * LANES;
            for (int pair = 0; pair < size / 2; pair++) {
                IntVector.zero(WORDS).intoMemorySegment(MEMORY, packed + 4L * pair * LANES, Bf16.ORDER);
                for (int query = 0; query < queries; query++) {
                    int word = MEMORY.get(ValueLayout.JAVA_INT_UNALIGNED, q + 2L * query * size + 4L * pair);
                    MEMORY.set(ValueLayout.JAVA_INT_UNALIGNED, packed + 4L * (pair * LANES + query), word);
                }
            }
            for (int t = 0; t < length; t += BLOCK) {
                // Whole blocks, as long as there is memory: each number of rows has a kernel of its own.
                int rows = Math.min(BLOCK, readable - t);
                brgemm.multiply(rows, size, size, k + 2L * t * size, packed, sums);
                int wanted = Math.min(rows, length - t) * LANES;
                MemorySegment.copy(MEMORY, ValueLayout.JAVA_FLOAT_UNALIGNED, sums, scores, t * LANES, wanted);
            }
        }
    }

    /// On vectors.
    final class Vectors implements AttentionScores {
        private float[] spread = new float[0];

        @Override
        public void compute(long q, int queries, long k, int length, int readable, int size, float[] scores) {
            if (spread.length < queries * size) {
                spread = new float[queries * size];
            }
            for (int at = 0; at < queries * size; at += PAIRED) {
                var pairs = Bf16.pairs(q + 2L * at);
                Bf16.even(pairs).intoArray(spread, at);
                Bf16.odd(pairs).intoArray(spread, at + LANES);
            }
            Arrays.fill(scores, 0, length * LANES, 0);
            for (int t = 0; t < length; t++) {
                for (int query = 0; query < queries; query++) {
                    scores[t * LANES + query] = dot(k + 2L * t * size, spread, query * size, size);
                }
            }
        }

        private static float dot(long k, float[] spread, int from, int size) {
            var sum = FloatVector.zero(FLOATS);
            for (int at = 0; at < size; at += PAIRED) {
                var pairs = Bf16.pairs(k + 2L * at);
                sum = Bf16.even(pairs).fma(FloatVector.fromArray(FLOATS, spread, from + at), sum);
                sum = Bf16.odd(pairs).fma(FloatVector.fromArray(FLOATS, spread, from + at + LANES), sum);
            }
            return VectorMath.sum(sum);
        }
    }
}
