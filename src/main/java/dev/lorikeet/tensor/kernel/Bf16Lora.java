package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.MEMORY;
import static dev.lorikeet.tensor.kernel.Bf16.PAIRED;
import static dev.lorikeet.tensor.kernel.Bf16.VECTOR;
import static dev.lorikeet.tensor.kernel.Bf16.even;
import static dev.lorikeet.tensor.kernel.Bf16.load;
import static dev.lorikeet.tensor.kernel.Bf16.odd;
import static dev.lorikeet.tensor.kernel.Bf16.pairs;

import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/// `y += ((x · aᵀ) ∘ mask) · b` in bfloat16 for a few rows: what adapters add to a linear layer, where [AmxLinear] does not do it.
/// Ranks that a row's mask hides cost nothing. An adapter's matrices are small, so one thread does it.
final class Bf16Lora {
    private final Scratch scratch = new Scratch();

    /// @param y address of `[rows, outputs]` @param x of `[rows, inputs]`; inputs and outputs multiples of [Bf16#PAIRED]
    void add(long y, long x, Linear.LowRank lowRank, int rows, int inputs, int outputs) {
        int ranks = lowRank.ranks();
        long spread = scratch.floats((long) inputs + ranks);
        long inner = spread + 4L * inputs;
        for (int row = 0; row < rows; row++) {
            Bf16.spread(x + 2L * row * inputs, inputs, spread);
            for (int rank = 0; rank < ranks; rank++) {
                float weight = lowRank.weight(row, rank);
                float value = weight == 0 ? 0 : weight * dot(spread, lowRank.a() + 2L * rank * inputs, inputs);
                MEMORY.set(ValueLayout.JAVA_FLOAT, inner + 4L * rank, value);
            }
            for (int block = 0; block < outputs; block += PAIRED) {
                addBlock(y + 2L * ((long) row * outputs + block), lowRank.b() + 2L * block, inner, ranks, outputs);
            }
        }
    }

    private static float dot(long spread, long a, int inputs) {
        var first = FloatVector.zero(FLOATS);
        var second = first;
        for (long at = 0; at < 2L * inputs; at += VECTOR) {
            var pairs = pairs(a + at);
            first = even(pairs).fma(load(spread + 2 * at), first);
            second = odd(pairs).fma(load(spread + 2 * at + VECTOR), second);
        }
        return VectorMath.sum(first.add(second));
    }

    private static void addBlock(long y, long b, long inner, int ranks, int outputs) {
        var sum = pairs(y);
        var first = even(sum);
        var second = odd(sum);
        for (int rank = 0; rank < ranks; rank++) {
            float value = MEMORY.get(ValueLayout.JAVA_FLOAT, inner + 4L * rank);
            if (value != 0) {
                var weight = FloatVector.broadcast(FLOATS, value);
                var pairs = pairs(b + 2L * rank * outputs);
                first = even(pairs).fma(weight, first);
                second = odd(pairs).fma(weight, second);
            }
        }
        Bf16.store(y, first, second);
    }
}
