package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.VECTOR;
import static dev.lorikeet.tensor.kernel.Bf16.even;
import static dev.lorikeet.tensor.kernel.Bf16.load;
import static dev.lorikeet.tensor.kernel.Bf16.odd;
import static dev.lorikeet.tensor.kernel.Bf16.pairs;

import jdk.incubator.vector.FloatVector;

/// `y = x · wᵀ` in bfloat16 for a few rows of `x`, summed in float32. Each weight is read from memory once, however many rows there
/// are: the speed for one row is that of memory.
final class Bf16Linear implements Linear {
    /// Weight rows that one inner loop takes together.
    private static final int BLOCK = 4;
    /// Weights of one part of the work: they fit the first-level cache, and take longer than the hand-over to another thread.
    private static final int PART_BYTES = 24 * 1024;

    private final ThreadTeam team;
    private final Scratch scratch = new Scratch();
    private final Bf16Lora lora = new Bf16Lora();
    /// For each thread a vector for each sum of a block.
    private final float[][] sums;

    Bf16Linear(ThreadTeam team) {
        this.team = team;
        this.sums = new float[team.size()][BLOCK * FLOATS.length()];
    }

    @Override
    public void multiply(long x, int rows, int inputs, Matrix... matrices) {
        long spread = scratch.floats((long) rows * inputs);
        Bf16.spread(x, (long) rows * inputs, spread);
        int perPart = Math.max(BLOCK, PART_BYTES / (2 * inputs) / BLOCK * BLOCK);
        for (var matrix : matrices) {
            int parts = (matrix.outputs() + perPart - 1) / perPart;
            team.run(parts, (part, worker) -> {
                int from = part * perPart;
                int to = Math.min(matrix.outputs(), from + perPart);
                // The weights of this part come from memory for the first row and from the first-level cache for the others.
                for (int row = 0; row < rows; row++) {
                    oneRow(spread + 4L * row * inputs, inputs, matrix.w(), from, to, matrix.y() + 2L * row * matrix.outputs(), sums[worker]);
                }
            });
            matrix.lowRank().ifPresent(lowRank -> lora.add(matrix.y(), x, lowRank, rows, inputs, matrix.outputs()));
        }
    }

    private static void oneRow(long x, int inputs, long w, int from, int to, long y, float[] sums) {
        long rowBytes = 2L * inputs;
        for (int n = from; n < to; n += BLOCK) {
            long w0 = w + n * rowBytes;
            long w1 = w0 + rowBytes;
            long w2 = w1 + rowBytes;
            long w3 = w2 + rowBytes;
            var a0 = FloatVector.zero(FLOATS);
            var a1 = a0;
            var a2 = a0;
            var a3 = a0;
            var b0 = a0;
            var b1 = a0;
            var b2 = a0;
            var b3 = a0;
            for (long k = 0; k < rowBytes; k += VECTOR) {
                var xEven = load(x + 2 * k);
                var xOdd = load(x + 2 * k + VECTOR);
                var p0 = pairs(w0 + k);
                var p1 = pairs(w1 + k);
                var p2 = pairs(w2 + k);
                var p3 = pairs(w3 + k);
                a0 = even(p0).fma(xEven, a0);
                b0 = odd(p0).fma(xOdd, b0);
                a1 = even(p1).fma(xEven, a1);
                b1 = odd(p1).fma(xOdd, b1);
                a2 = even(p2).fma(xEven, a2);
                b2 = odd(p2).fma(xOdd, b2);
                a3 = even(p3).fma(xEven, a3);
                b3 = odd(p3).fma(xOdd, b3);
            }
            a0.add(b0).intoArray(sums, 0);
            a1.add(b1).intoArray(sums, FLOATS.length());
            a2.add(b2).intoArray(sums, 2 * FLOATS.length());
            a3.add(b3).intoArray(sums, 3 * FLOATS.length());
            for (int i = 0; i < BLOCK; i++) {
                Bf16.put(VectorMath.sum(sums, i * FLOATS.length()), y + 2L * (n + i));
            }
        }
    }
}
