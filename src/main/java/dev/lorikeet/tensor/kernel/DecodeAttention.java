package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.AttentionScores.LANES;
import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.MEMORY;
import static dev.lorikeet.tensor.kernel.Bf16.PAIRED;

import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;

/// Attention of one new token of each of some sequences over their cached keys and values, in bfloat16 with float32 sums and
/// softmax. Each sequence is read to its own length, so nothing is padded or masked. The queries of a key head go together.
///
/// Numbers between the steps stand in arrays and each step is a method of its own: a method with more loads from memory segments than
/// C2 cares to inline would make an object of every vector.
final class DecodeAttention {
    private final ThreadTeam team;
    private final Optional<Brgemm> brgemm;
    private final Desk[] desks;

    /// @param heads query heads @param keyHeads key/value heads @param size of a head, a multiple of [Bf16#PAIRED]
    /// @param capacity positions in a slot @param window positions seen, 0: all @param softcap 0: none
    record Shape(int heads, int keyHeads, int size, int capacity, int window, float scale, float softcap) {}

    DecodeAttention(ThreadTeam team, Optional<Brgemm> brgemm) {
        this.team = team;
        this.brgemm = brgemm;
        this.desks = Stream.generate(() -> new Desk(brgemm.<AttentionScores>map(AttentionScores.Amx::new).orElseGet(AttentionScores.Vectors::new)))
                .limit(team.size()).toArray(Desk[]::new);
    }

    /// @param q address of `[rows, heads, size]` @param k, v of `[slots, keyHeads, capacity, size]` @param slots, positions of `[rows]`
    /// in int64 @param out of `[rows, heads, size]`
    void attend(Shape shape, long q, long k, long v, long slots, long positions, int rows, long out) {
        int group = shape.heads() / shape.keyHeads();
        team.run(rows * shape.keyHeads(), (part, worker) -> {
            int row = part / shape.keyHeads();
            long slot = MEMORY.get(ValueLayout.JAVA_LONG, slots + 8L * row);
            int length = (int) MEMORY.get(ValueLayout.JAVA_LONG, positions + 8L * row) + 1;
            int start = shape.window() > 0 ? Math.max(0, length - shape.window()) : 0;
            long offset = 2L * ((slot * shape.keyHeads() + part % shape.keyHeads()) * shape.capacity() + start) * shape.size();
            for (int first = 0; first < group; first += LANES) {
                long vector = 2L * (part * group + first) * shape.size();
                desks[worker].attend(shape, q + vector, Math.min(LANES, group - first), k + offset, v + offset, length - start,
                        shape.capacity() - start, out + vector);
            }
        });
        brgemm.ifPresent(Brgemm::release);
    }

    /// One thread's place to work.
    private static final class Desk {
        private final AttentionScores products;
        /// `[positions, LANES]`: one lane for each query.
        private float[] scores = new float[0];
        /// Of each query.
        private final float[] largest = new float[LANES];
        private final float[] totals = new float[LANES];

        Desk(AttentionScores products) {
            this.products = products;
        }

        void attend(Shape shape, long q, int queries, long k, long v, int length, int readable, long out) {
            if (scores.length < length * LANES) {
                scores = new float[Math.min(shape.capacity(), 2 * length) * LANES];
            }
            products.compute(q, queries, k, length, readable, shape.size(), scores);
            scale(shape, length);
            exponentials(length);
            for (int query = 0; query < queries; query++) {
                for (int block = 0; block < shape.size(); block += PAIRED) {
                    average(v + 2L * block, length, shape.size(), query, out + 2L * (query * shape.size() + block));
                }
            }
        }

        /// Finds the largest score of each query, too.
        private void scale(Shape shape, int length) {
            if (shape.softcap() > 0) {
                scaleSoftly(shape.scale(), shape.softcap(), length);
            } else {
                scale(shape.scale(), length);
            }
        }

        private void scale(float scale, int length) {
            var max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
            for (int at = 0; at < length * LANES; at += LANES) {
                var score = FloatVector.fromArray(FLOATS, scores, at).mul(scale);
                score.intoArray(scores, at);
                max = max.max(score);
            }
            max.intoArray(largest, 0);
        }

        private void scaleSoftly(float scale, float softcap, int length) {
            var max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
            for (int at = 0; at < length * LANES; at += LANES) {
                var score = VectorMath.tanh(FloatVector.fromArray(FLOATS, scores, at).mul(scale).div(softcap)).mul(softcap);
                score.intoArray(scores, at);
                max = max.max(score);
            }
            max.intoArray(largest, 0);
        }

        /// Turns scores into `exp(score − largest)` in place, and sums them up.
        private void exponentials(int length) {
            var maximum = FloatVector.fromArray(FLOATS, largest, 0);
            var total = FloatVector.zero(FLOATS);
            for (int at = 0; at < length * LANES; at += LANES) {
                var weight = VectorMath.exp(FloatVector.fromArray(FLOATS, scores, at).sub(maximum));
                weight.intoArray(scores, at);
                total = total.add(weight);
            }
            total.intoArray(totals, 0);
        }

        /// The weighted average of [Bf16#PAIRED] columns of the values, for one query.
        private void average(long v, int length, int size, int query, long out) {
            var even = FloatVector.zero(FLOATS);
            var odd = even;
            for (int t = 0; t < length; t++) {
                var weight = FloatVector.broadcast(FLOATS, scores[t * LANES + query]);
                var pairs = Bf16.pairs(v + 2L * t * size);
                even = Bf16.even(pairs).fma(weight, even);
                odd = Bf16.odd(pairs).fma(weight, odd);
            }
            Bf16.store(out, even.div(totals[query]), odd.div(totals[query]));
        }
    }
}
