package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.MEMORY;
import static dev.lorikeet.tensor.kernel.Bf16.ORDER;
import static dev.lorikeet.tensor.kernel.Bf16.PAIRED;
import static dev.lorikeet.tensor.kernel.Bf16.VECTOR;
import static dev.lorikeet.tensor.kernel.Bf16.even;
import static dev.lorikeet.tensor.kernel.Bf16.load;
import static dev.lorikeet.tensor.kernel.Bf16.odd;
import static dev.lorikeet.tensor.kernel.Bf16.pairs;

import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Attention of one new token of each of some sequences over their cached keys and values, in bfloat16 with float32 sums and
/// softmax. Each sequence is read to its own length, so nothing is padded or masked.
final class DecodeAttention {
    private final ThreadTeam team;
    private final Scratch scratch = new Scratch();

    /// @param heads query heads @param keyHeads key/value heads @param size of a head, a multiple of [Bf16#PAIRED]
    /// @param capacity positions in a slot @param window positions seen, 0: all @param softcap 0: none
    record Shape(int heads, int keyHeads, int size, int capacity, int window, float scale, float softcap) {}

    DecodeAttention(ThreadTeam team) {
        this.team = team;
    }

    /// @param q address of `[rows, heads, size]` @param k, v of `[slots, keyHeads, capacity, size]` @param slots, positions of `[rows]`
    /// in int64 @param out of `[rows, heads, size]`
    void attend(Shape shape, long q, long k, long v, long slots, long positions, int rows, long out) {
        long perWorker = shape.size() + (long) shape.capacity() + FLOATS.length();
        long memory = scratch.floats(perWorker * team.size());
        team.run(rows * shape.heads(), (part, worker) -> {
            int row = part / shape.heads();
            int head = part % shape.heads();
            long slot = MEMORY.get(ValueLayout.JAVA_LONG, slots + 8L * row);
            long keyHead = head / (shape.heads() / shape.keyHeads());
            int length = (int) MEMORY.get(ValueLayout.JAVA_LONG, positions + 8L * row) + 1;
            int start = shape.window() > 0 ? Math.max(0, length - shape.window()) : 0;
            long offset = 2L * ((slot * shape.keyHeads() + keyHead) * shape.capacity() + start) * shape.size();
            long vector = 2L * part * shape.size();
            oneHead(shape, q + vector, k + offset, v + offset, length - start, out + vector, memory + 4 * perWorker * worker);
        });
    }

    private static void oneHead(Shape shape, long q, long k, long v, int length, long out, long memory) {
        int size = shape.size();
        long scores = memory + 4L * size;
        Bf16.spread(q, size, memory);
        for (int t = 0; t < length; t++) {
            var sum = FloatVector.zero(FLOATS);
            for (long at = 0; at < 2L * size; at += VECTOR) {
                var pairs = pairs(k + 2L * t * size + at);
                sum = even(pairs).fma(load(memory + 2 * at), sum);
                sum = odd(pairs).fma(load(memory + 2 * at + VECTOR), sum);
            }
            MEMORY.set(ValueLayout.JAVA_FLOAT, scores + 4L * t, VectorMath.sum(sum) * shape.scale());
        }
        float total = softmax(shape, scores, length);
        for (int block = 0; block < size; block += PAIRED) {
            var even = FloatVector.zero(FLOATS);
            var odd = even;
            for (int t = 0; t < length; t++) {
                var weight = FloatVector.broadcast(FLOATS, MEMORY.get(ValueLayout.JAVA_FLOAT, scores + 4L * t));
                var pairs = pairs(v + 2L * ((long) t * size + block));
                even = even(pairs).fma(weight, even);
                odd = odd(pairs).fma(weight, odd);
            }
            Bf16.store(out + 2L * block, even.div(total), odd.div(total));
        }
    }

    /// Turns scores into `exp(score − max)` in place. @return their sum
    private static float softmax(Shape shape, long scores, int length) {
        // The vector that reaches past the end reads what must not count.
        for (int t = length; t % FLOATS.length() != 0; t++) {
            MEMORY.set(ValueLayout.JAVA_FLOAT, scores + 4L * t, Float.NEGATIVE_INFINITY);
        }
        var max = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
        for (int t = 0; t < length; t += FLOATS.length()) {
            var score = load(scores + 4L * t);
            if (shape.softcap() > 0) {
                score = VectorMath.tanh(score.div(shape.softcap())).mul(shape.softcap());
                if (t + FLOATS.length() > length) {
                    score = score.blend(Float.NEGATIVE_INFINITY, FLOATS.indexInRange(t, length).not());
                }
                score.intoMemorySegment(MEMORY, scores + 4L * t, ORDER);
            }
            max = max.max(score);
        }
        float largest = max.reduceLanes(VectorOperators.MAX);
        var total = FloatVector.zero(FLOATS);
        for (int t = 0; t < length; t += FLOATS.length()) {
            var weight = VectorMath.exp(load(scores + 4L * t).sub(largest));
            weight.intoMemorySegment(MEMORY, scores + 4L * t, ORDER);
            total = total.add(weight);
        }
        return VectorMath.sum(total);
    }
}
