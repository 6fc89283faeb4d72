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

    @Override
    public void multiply(float[] x, int rows, int inputs, PackedLinear.Matrix matrix, int from, int to) {
        int stride = floats(inputs);
        for (int n = from; n < to; n += BLOCK) {
            // The weights come from memory for the first row and from the first-level cache for the others.
            for (int row = 0; row < rows; row++) {
                oneRow(x, row * stride, inputs, matrix, row, n);
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

    private void oneRow(float[] x, int at, int inputs, PackedLinear.Matrix matrix, int row, int n) {
        long w = matrix.w() + (long) n * (inputs / 2);
        var zero = FloatVector.zero(FLOATS);
        var t0 = zero;
        var t1 = zero;
        var t2 = zero;
        var t3 = zero;
        long scales = matrix.scales() + 4L * n;
        for (int g = 0; g < inputs / group; g++) {
            var a0 = zero;
            var a1 = zero;
            var a2 = zero;
            var a3 = zero;
            for (int k = g * group; k < (g + 1) * group; k++) {
                var v = FloatVector.broadcast(FLOATS, x[at + k]);
                long address = w + 2L * LANES * k;
                var first = words(address);
                var second = words(address + LANES);
                a0 = low(first).fma(v, a0);
                a1 = low(second).fma(v, a1);
                a2 = high(first).fma(v, a2);
                a3 = high(second).fma(v, a3);
            }
            float sum = x[at + inputs + g];
            long s = scales + 4L * g * matrix.outputs();
            t0 = scaled(s, a0, sum, t0);
            t1 = scaled(s + 4L * LANES, a1, sum, t1);
            t2 = scaled(s + 8L * LANES, a2, sum, t2);
            t3 = scaled(s + 12L * LANES, a3, sum, t3);
        }
        long y = matrix.y(row, n);
        Bf16.narrow(t0, y);
        Bf16.narrow(t1, y + 2L * LANES);
        Bf16.narrow(t2, y + 4L * LANES);
        Bf16.narrow(t3, y + 6L * LANES);
    }

    /// `total + scale · Σ (q − 8)·x + zero · Σ x`
    private static FloatVector scaled(long pairs, FloatVector products, float sum, FloatVector total) {
        var both = Bf16.pairs(pairs);
        var centred = products.sub(FloatVector.broadcast(FLOATS, MIDDLE * sum));
        return Bf16.odd(both).fma(FloatVector.broadcast(FLOATS, sum), Bf16.even(both).fma(centred, total));
    }

    /// As `[inputs, outputs]` in bfloat16, since that is how the codes lie.
    @Override
    public void dequantize(PackedLinear.Matrix matrix, int inputs, int from, int to) {
        for (int n = from; n < to; n += BLOCK) {
            for (int g = 0; g < inputs / group; g++) {
                dequantizeGroup(matrix, inputs, n, g);
            }
        }
    }

    private void dequantizeGroup(PackedLinear.Matrix matrix, int inputs, int n, int g) {
        long scales = matrix.scales() + 4L * ((long) g * matrix.outputs() + n);
        var s0 = Bf16.pairs(scales);
        var s1 = Bf16.pairs(scales + 4L * LANES);
        var s2 = Bf16.pairs(scales + 8L * LANES);
        var s3 = Bf16.pairs(scales + 12L * LANES);
        long w = matrix.w() + (long) n * (inputs / 2);
        for (int k = g * group; k < (g + 1) * group; k++) {
            var first = words(w + 2L * LANES * k);
            var second = words(w + 2L * LANES * k + LANES);
            long y = matrix.y() + 2L * ((long) k * matrix.outputs() + n);
            Bf16.narrow(weight(low(first), s0), y);
            Bf16.narrow(weight(low(second), s1), y + 2L * LANES);
            Bf16.narrow(weight(high(first), s2), y + 4L * LANES);
            Bf16.narrow(weight(high(second), s3), y + 6L * LANES);
        }
    }

    private static FloatVector weight(FloatVector code, IntVector scaleAndZero) {
        return code.sub(MIDDLE).fma(Bf16.even(scaleAndZero), Bf16.odd(scaleAndZero));
    }
}
