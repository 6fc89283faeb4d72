package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.MEMORY;
import static dev.lorikeet.tensor.kernel.Bf16.PAIRED;
import static dev.lorikeet.tensor.kernel.Bf16.VECTOR;
import static dev.lorikeet.tensor.kernel.Bf16.WORDS;
import static dev.lorikeet.tensor.kernel.Bf16.even;
import static dev.lorikeet.tensor.kernel.Bf16.load;
import static dev.lorikeet.tensor.kernel.Bf16.odd;
import static dev.lorikeet.tensor.kernel.Bf16.pairs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// `y += ((x · aᵀ) ∘ mask) · bᵀ` in bfloat16 for a few rows: what adapters add to a linear layer, where [AmxLinear] does not do it.
/// Ranks that a row's mask hides cost nothing. An adapter's matrices are small, so one thread does it.
final class Bf16Lora {
    private final Scratch scratch = new Scratch();
    private float[] inner = new float[0];
    private int[] words = new int[0];

    /// @param y address of `[rows, outputs]` @param x of `[rows, inputs]`; inputs and outputs multiples of [Bf16#PAIRED]
    void add(long y, long x, Linear.LowRank lowRank, int rows, int inputs, int outputs) {
        int ranks = lowRank.ranks();
        int perBlock = PAIRED * ranks / 2;
        if (inner.length < ranks || words.length < perBlock) {
            inner = new float[ranks];
            words = new int[perBlock];
        }
        int[] stride = new int[WORDS.length()];
        for (int lane = 0; lane < stride.length; lane++) {
            stride[lane] = lane * ranks;
        }
        long spread = scratch.floats(inputs);
        for (int row = 0; row < rows; row++) {
            Bf16.spread(x + 2L * row * inputs, inputs, spread);
            for (int rank = 0; rank < ranks; rank++) {
                float weight = Bf16.get(lowRank.mask() + 2L * ((long) row * ranks + rank));
                inner[rank] = weight == 0 ? 0 : weight * dot(spread, lowRank.a() + 2L * rank * inputs, inputs);
            }
            for (int block = 0; block < outputs; block += PAIRED) {
                MemorySegment.copy(MEMORY, ValueLayout.JAVA_INT_UNALIGNED, lowRank.b() + 2L * block * ranks, words, 0, perBlock);
                addBlock(y + 2L * ((long) row * outputs + block), ranks, stride);
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

    /// Adds to [Bf16#PAIRED] outputs; `words` has their rows of b, two ranks in each word.
    private void addBlock(long y, int ranks, int[] stride) {
        var sum = pairs(y);
        var first = even(sum);
        var second = odd(sum);
        for (int rank = 0; rank < ranks; rank += 2) {
            if (inner[rank] != 0 || inner[rank + 1] != 0) {
                var ofFirst = IntVector.fromArray(WORDS, words, rank / 2, stride, 0);
                var ofSecond = IntVector.fromArray(WORDS, words, (ranks + rank) / 2, stride, 0);
                var weight = FloatVector.broadcast(FLOATS, inner[rank]);
                var next = FloatVector.broadcast(FLOATS, inner[rank + 1]);
                first = odd(ofFirst).fma(next, even(ofFirst).fma(weight, first));
                second = odd(ofSecond).fma(next, even(ofSecond).fma(weight, second));
            }
        }
        Bf16.store(y, first, second);
    }
}
