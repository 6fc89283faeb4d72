package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.MEMORY;
import static dev.lorikeet.tensor.kernel.Bf16.ORDER;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Weights of eight bits, `[outputs, inputs]`, with one bfloat16 scale for each output: what libtorch's `_weight_int8pack_mm` takes.
final class Int8Format implements PackedLinear.Format, Dequantizer.Format {
    private static final int LANES = FLOATS.length();
    /// As many bytes as a vector has floats.
    private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, VectorShape.forBitSize(8 * LANES));
    private static final int BLOCK = 4;
    /// Sums that are computed together at most: two outputs of four rows.
    private static final int TOGETHER = 8;

    @Override
    public int block() {
        return BLOCK;
    }

    @Override
    public int bytes(int inputs) {
        return inputs;
    }

    @Override
    public int floats(int inputs) {
        return inputs;
    }

    @Override
    public void spread(long x, int inputs, float[] spread, int at) {
        Bf16.widen(x, inputs, spread, at);
    }

    /// A vector for each sum that is computed together.
    @Override
    public int workspace(int inputs) {
        return TOGETHER * LANES;
    }

    @Override
    public void multiply(float[] x, int rows, int inputs, PackedLinear.Matrix matrix, int from, int to, float[] workspace) {
        for (int n = from; n < to; n += BLOCK) {
            int row = 0;
            for (; row + 4 <= rows; row += 4) {
                fourRows(x, row * inputs, inputs, matrix, row, n, workspace);
                fourRows(x, row * inputs, inputs, matrix, row, n + 2, workspace);
            }
            for (; row < rows; row++) {
                oneRow(x, row * inputs, inputs, matrix, row, n, workspace);
            }
        }
    }

    private static FloatVector weights(long address) {
        return (FloatVector) ByteVector.fromMemorySegment(BYTES, MEMORY, address, ORDER).convertShape(VectorOperators.B2F, FLOATS, 0);
    }

    private static void oneRow(float[] x, int at, int inputs, PackedLinear.Matrix matrix, int row, int n, float[] sums) {
        long w = matrix.w() + (long) n * inputs;
        var a0 = FloatVector.zero(FLOATS);
        var a1 = a0;
        var a2 = a0;
        var a3 = a0;
        for (int k = 0; k < inputs; k += LANES) {
            var v = FloatVector.fromArray(FLOATS, x, at + k);
            a0 = weights(w + k).fma(v, a0);
            a1 = weights(w + inputs + k).fma(v, a1);
            a2 = weights(w + 2L * inputs + k).fma(v, a2);
            a3 = weights(w + 3L * inputs + k).fma(v, a3);
        }
        a0.intoArray(sums, 0);
        a1.intoArray(sums, LANES);
        a2.intoArray(sums, 2 * LANES);
        a3.intoArray(sums, 3 * LANES);
        for (int i = 0; i < BLOCK; i++) {
            store(sums, i * LANES, matrix, row, n + i);
        }
    }

    /// Two outputs of four rows: more would be more than C2 cares to inline.
    private static void fourRows(float[] x, int at, int inputs, PackedLinear.Matrix matrix, int row, int n, float[] sums) {
        long w = matrix.w() + (long) n * inputs;
        var zero = FloatVector.zero(FLOATS);
        var a0 = zero;
        var a1 = zero;
        var b0 = zero;
        var b1 = zero;
        var c0 = zero;
        var c1 = zero;
        var d0 = zero;
        var d1 = zero;
        for (int k = 0; k < inputs; k += LANES) {
            var w0 = weights(w + k);
            var w1 = weights(w + inputs + k);
            var a = FloatVector.fromArray(FLOATS, x, at + k);
            a0 = w0.fma(a, a0);
            a1 = w1.fma(a, a1);
            var b = FloatVector.fromArray(FLOATS, x, at + inputs + k);
            b0 = w0.fma(b, b0);
            b1 = w1.fma(b, b1);
            var c = FloatVector.fromArray(FLOATS, x, at + 2 * inputs + k);
            c0 = w0.fma(c, c0);
            c1 = w1.fma(c, c1);
            var d = FloatVector.fromArray(FLOATS, x, at + 3 * inputs + k);
            d0 = w0.fma(d, d0);
            d1 = w1.fma(d, d1);
        }
        a0.intoArray(sums, 0);
        a1.intoArray(sums, LANES);
        b0.intoArray(sums, 2 * LANES);
        b1.intoArray(sums, 3 * LANES);
        c0.intoArray(sums, 4 * LANES);
        c1.intoArray(sums, 5 * LANES);
        d0.intoArray(sums, 6 * LANES);
        d1.intoArray(sums, 7 * LANES);
        for (int i = 0; i < TOGETHER; i++) {
            store(sums, i * LANES, matrix, row + i / 2, n + i % 2);
        }
    }

    /// As `[outputs, inputs]` in bfloat16; where there are no scales (address 0), the codes themselves.
    @Override
    public void dequantize(PackedLinear.Matrix matrix, int inputs, int from, int to) {
        for (int n = from; n < to; n++) {
            float scale = matrix.scales() == 0 ? 1 : Bf16.get(matrix.scales() + 2L * n);
            long w = matrix.w() + (long) n * inputs;
            long y = matrix.y() + 2L * n * inputs;
            for (int k = 0; k < inputs; k += LANES) {
                Bf16.narrow(weights(w + k).mul(scale), y + 2L * k);
            }
        }
    }

    private static void store(float[] sums, int at, PackedLinear.Matrix matrix, int row, int n) {
        float scaled = VectorMath.sum(sums, at) * Bf16.get(matrix.scales() + 2L * n);
        Bf16.put(scaled, matrix.y(row, n));
    }
}
