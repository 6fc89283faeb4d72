package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.VECTOR;
import static dev.lorikeet.tensor.kernel.Bf16.even;
import static dev.lorikeet.tensor.kernel.Bf16.odd;
import static dev.lorikeet.tensor.kernel.Bf16.pairs;

import jdk.incubator.vector.FloatVector;

/// RMS norm of a few rows in bfloat16 (Zhang and Sennrich, 2019), which libtorch does in seven operations.
final class RmsNorm {
    private RmsNorm() {}

    /// @param x address of `[rows, width]` @param w of `[width]` @param y of `[rows, width]`, all bfloat16; width a multiple of [Bf16#PAIRED]
    /// @param onePlus the weight is stored as its difference from one
    static void apply(long x, long w, long rows, long width, double epsilon, boolean onePlus, long y) {
        long bytes = 2 * width;
        float offset = onePlus ? 1 : 0;
        for (long row = 0; row < rows; row++) {
            long from = x + row * bytes;
            var first = FloatVector.zero(FLOATS);
            var second = first;
            for (long at = 0; at < bytes; at += VECTOR) {
                var pairs = pairs(from + at);
                var e = even(pairs);
                var o = odd(pairs);
                first = e.fma(e, first);
                second = o.fma(o, second);
            }
            float scale = (float) (1 / Math.sqrt(VectorMath.sum(first.add(second)) / width + epsilon));
            for (long at = 0; at < bytes; at += VECTOR) {
                var pairs = pairs(from + at);
                var weights = pairs(w + at);
                Bf16.store(y + row * bytes + at, even(pairs).mul(scale).mul(even(weights).add(offset)), odd(pairs).mul(scale).mul(odd(weights).add(offset)));
            }
        }
    }
}
