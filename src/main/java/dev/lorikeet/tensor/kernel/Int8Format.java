package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.MEMORY;
import static dev.lorikeet.tensor.kernel.Bf16.ORDER;

import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Weights of eight bits, `[outputs, inputs]`, with one bfloat16 scale for each output: what libtorch's `_weight_int8pack_mm` takes.
final class Int8Format implements PackedLinear.Format {
    private static final int LANES = FLOATS.length();
    /// As many bytes as a vector has floats.
    private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, VectorShape.forBitSize(8 * LANES));
    private static final int BLOCK = 4;

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

    @Override
    public void multiply(float[] x, int rows, int inputs, PackedLinear.Matrix matrix, int from, int to) {
        for (int n = from; n < to; n += BLOCK) {
            long w = matrix.w() + (long) n * inputs;
            int row = 0;
            for (; row + 4 <= rows; row += 4) {
                fourRows(x, row * inputs, inputs, w, matrix, row, n);
            }
            for (; row < rows; row++) {
                oneRow(x, row * inputs, inputs, w, matrix, row, n);
            }
        }
    }

    private static FloatVector weights(long address) {
        return (FloatVector) ByteVector.fromMemorySegment(BYTES, MEMORY, address, ORDER).convertShape(VectorOperators.B2F, FLOATS, 0);
    }

    private static void oneRow(float[] x, int at, int inputs, long w, PackedLinear.Matrix matrix, int row, int n) {
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
        store(a0, a1, a2, a3, matrix, row, n);
    }

    private static void fourRows(float[] x, int at, int inputs, long w, PackedLinear.Matrix matrix, int row, int n) {
        var zero = FloatVector.zero(FLOATS);
        FloatVector a00 = zero, a01 = zero, a02 = zero, a03 = zero;
        FloatVector a10 = zero, a11 = zero, a12 = zero, a13 = zero;
        FloatVector a20 = zero, a21 = zero, a22 = zero, a23 = zero;
        FloatVector a30 = zero, a31 = zero, a32 = zero, a33 = zero;
        for (int k = 0; k < inputs; k += LANES) {
            var w0 = weights(w + k);
            var w1 = weights(w + inputs + k);
            var w2 = weights(w + 2L * inputs + k);
            var w3 = weights(w + 3L * inputs + k);
            var v = FloatVector.fromArray(FLOATS, x, at + k);
            a00 = w0.fma(v, a00);
            a01 = w1.fma(v, a01);
            a02 = w2.fma(v, a02);
            a03 = w3.fma(v, a03);
            v = FloatVector.fromArray(FLOATS, x, at + inputs + k);
            a10 = w0.fma(v, a10);
            a11 = w1.fma(v, a11);
            a12 = w2.fma(v, a12);
            a13 = w3.fma(v, a13);
            v = FloatVector.fromArray(FLOATS, x, at + 2 * inputs + k);
            a20 = w0.fma(v, a20);
            a21 = w1.fma(v, a21);
            a22 = w2.fma(v, a22);
            a23 = w3.fma(v, a23);
            v = FloatVector.fromArray(FLOATS, x, at + 3 * inputs + k);
            a30 = w0.fma(v, a30);
            a31 = w1.fma(v, a31);
            a32 = w2.fma(v, a32);
            a33 = w3.fma(v, a33);
        }
        store(a00, a01, a02, a03, matrix, row, n);
        store(a10, a11, a12, a13, matrix, row + 1, n);
        store(a20, a21, a22, a23, matrix, row + 2, n);
        store(a30, a31, a32, a33, matrix, row + 3, n);
    }

    private static void store(FloatVector a0, FloatVector a1, FloatVector a2, FloatVector a3, PackedLinear.Matrix matrix, int row, int n) {
        long y = matrix.y(row, n);
        long scales = matrix.scales() + 2L * n;
        store(y, VectorMath.sum(a0) * Bf16.get(scales));
        store(y + 2, VectorMath.sum(a1) * Bf16.get(scales + 2));
        store(y + 4, VectorMath.sum(a2) * Bf16.get(scales + 4));
        store(y + 6, VectorMath.sum(a3) * Bf16.get(scales + 6));
    }

    private static void store(long address, float value) {
        MEMORY.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, Bf16.round(value));
    }
}
