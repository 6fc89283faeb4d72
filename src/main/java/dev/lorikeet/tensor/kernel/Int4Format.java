package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.MEMORY;
import static dev.lorikeet.tensor.kernel.Bf16.ORDER;
import static dev.lorikeet.tensor.kernel.Bf16.WORDS;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Weights of four bits with a scale and a zero for each group of inputs, in the layout of libtorch's
/// `_convert_weight_to_int4pack_for_cpu`: four vectors of outputs side by side, for one input after another. A byte has an output of the
/// first two vectors in its low half, and one of the last two in its high half. Scales and zeros are `[groups, outputs, 2]` in bfloat16.
///
/// A lane is an output: a group's sum `Σ q·x` is scaled once, and the zero meets `Σ x`, which is the same for all outputs.
final class Int4Format implements PackedLinear.Format, Dequantizer.Format {
    private static final int LANES = FLOATS.length();
    private static final int BLOCK = 4 * LANES;
    private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, VectorShape.forBitSize(8 * LANES));
    /// The value of a weight of zero bits: its zero belongs to the middle of the range.
    private static final float MIDDLE = 8;

    private final int group;

    Int4Format(int group) {
        this.group = group;
    }

    @Override
    public int block() {
        return BLOCK;
    }

    @Override
    public int bytes(int inputs) {
        return inputs / 2;
    }

    /// The inputs, and the sum of each group of them.
    @Override
    public int floats(int inputs) {
        return inputs + inputs / group;
    }

    @Override
    public void spread(long x, int inputs, float[] spread, int at) {
        Bf16.widen(x, inputs, spread, at);
        for (int g = 0; g < inputs / group; g++) {
            float sum = 0;
            for (int k = 0; k < group; k++) {
                sum += spread[at + g * group + k];
            }
            spread[at + inputs + g] = sum;
        }
    }

    /// A sum for each group and output of a block.
    @Override
    public int workspace(int inputs) {
        return inputs / group * BLOCK;
    }

    @Override
    public void multiply(float[] x, int rows, int inputs, PackedLinear.Matrix matrix, int from, int to, float[] workspace) {
        int stride = floats(inputs);
        for (int n = from; n < to; n += BLOCK) {
            // The weights come from memory for the first row and from the first-level cache for the others.
            for (int row = 0; row < rows; row++) {
                // Two methods, since C2 leaves calls in one that is larger, and each would make objects of its vectors.
                sum(x, row * stride, inputs, matrix.w() + (long) n * (inputs / 2), workspace);
                scale(x, row * stride + inputs, inputs / group, matrix, row, n, workspace);
            }
        }
    }

    private static IntVector words(long address) {
        return (IntVector) ByteVector.fromMemorySegment(BYTES, MEMORY, address, ORDER).convertShape(VectorOperators.ZERO_EXTEND_B2I, WORDS, 0);
    }

    private static FloatVector low(IntVector words) {
        return (FloatVector) words.and(15).convert(VectorOperators.I2F, 0);
    }

    private static FloatVector high(IntVector words) {
        return (FloatVector) words.lanewise(VectorOperators.LSHR, 4).convert(VectorOperators.I2F, 0);
    }

    /// `Σ q·x` of each group.
    private void sum(float[] x, int at, int inputs, long w, float[] sums) {
        var zero = FloatVector.zero(FLOATS);
        int target = 0;
        for (int from = 0; from < inputs; from += group) {
            var a0 = zero;
            var a1 = zero;
            var a2 = zero;
            var a3 = zero;
            for (int k = from; k < from + group; k++) {
                var v = FloatVector.broadcast(FLOATS, x[at + k]);
                long address = w + 2L * LANES * k;
                var first = words(address);
                var second = words(address + LANES);
                a0 = low(first).fma(v, a0);
                a1 = low(second).fma(v, a1);
                a2 = high(first).fma(v, a2);
                a3 = high(second).fma(v, a3);
            }
            a0.intoArray(sums, target);
            a1.intoArray(sums, target + LANES);
            a2.intoArray(sums, target + 2 * LANES);
            a3.intoArray(sums, target + 3 * LANES);
            target += BLOCK;
        }
    }

    /// Writes a row's outputs from `n` on: of all groups, `scale · Σ (q − 8)·x + zero · Σ x`. @param at of the first group's `Σ x`
    private static void scale(float[] x, int at, int groups, PackedLinear.Matrix matrix, int row, int n, float[] sums) {
        for (int output = 0; output < BLOCK; output += LANES) {
            var total = FloatVector.zero(FLOATS);
            long pairs = matrix.scales() + 4L * (n + output);
            for (int g = 0; g < groups; g++) {
                var both = Bf16.pairs(pairs + 4L * g * matrix.outputs());
                float sum = x[at + g];
                var centred = FloatVector.fromArray(FLOATS, sums, g * BLOCK + output).sub(MIDDLE * sum);
                total = Bf16.odd(both).fma(FloatVector.broadcast(FLOATS, sum), Bf16.even(both).fma(centred, total));
            }
            // The first group's sums have been read.
            total.intoArray(sums, output);
        }
        Bf16.narrow(sums, 0, BLOCK, matrix.y(row, n));
    }

    /// As `[inputs, outputs]` in bfloat16, since that is how the codes lie.
    @Override
    public void dequantize(PackedLinear.Matrix matrix, int inputs, int from, int to) {
        for (int n = from; n < to; n += BLOCK) {
            for (int g = 0; g < inputs / group; g++) {
                long scales = matrix.scales() + 4L * ((long) g * matrix.outputs() + n);
                long w = matrix.w() + (long) n * (inputs / 2) + 2L * LANES * g * group;
                long y = matrix.y() + 2L * ((long) g * group * matrix.outputs() + n);
                dequantizeGroup(w, scales, y, matrix.outputs());
                dequantizeGroup(w + LANES, scales + 4L * LANES, y + 2L * LANES, matrix.outputs());
            }
        }
    }

    /// Half of a group's vectors of outputs: one of those in the low halves of bytes, and that in the high ones.
    private void dequantizeGroup(long w, long scales, long y, int outputs) {
        var low = Bf16.pairs(scales);
        var high = Bf16.pairs(scales + 8L * LANES);
        for (int k = 0; k < group; k++) {
            var words = words(w + 2L * LANES * k);
            long at = y + 2L * k * outputs;
            Bf16.narrow(weight(low(words), low), at);
            Bf16.narrow(weight(high(words), high), at + 4L * LANES);
        }
    }

    private static FloatVector weight(FloatVector code, IntVector scaleAndZero) {
        return code.sub(MIDDLE).fma(Bf16.even(scaleAndZero), Bf16.odd(scaleAndZero));
    }
}
