package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.MEMORY;
import static dev.lorikeet.tensor.kernel.Bf16.ORDER;
import static dev.lorikeet.tensor.kernel.Bf16.WORDS;

import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Weights of four bits that are places in a table of sixteen values (NF4, FP4), as bitsandbytes packs them: `[outputs, inputs / 2]`, the
/// first of two in the high half of a byte. Each 64 of them have one float32 factor.
final class TableFormat implements PackedLinear.Format {
    /// Weights that share a factor.
    static final int SHARED = 64;
    private static final int LANES = FLOATS.length();
    private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, VectorShape.forBitSize(8 * LANES));
    private static final int BLOCK = 2;

    /// The table in vectors: in one if they have 16 lanes, else in halves.
    private final FloatVector values;

    /// @param table address of 16 floats
    TableFormat(long table) {
        this.values = FloatVector.fromMemorySegment(FLOATS, MEMORY, table, ORDER);
    }

    @Override
    public int block() {
        return BLOCK;
    }

    @Override
    public int bytes(int inputs) {
        return inputs / 2;
    }

    @Override
    public int floats(int inputs) {
        return inputs;
    }

    @Override
    public void spread(long x, int inputs, float[] spread, int at) {
        Bf16.spread(x, inputs, spread, at);
    }

    @Override
    public void multiply(float[] x, int rows, int inputs, PackedLinear.Matrix matrix, int from, int to) {
        for (int n = from; n < to; n += BLOCK) {
            for (int row = 0; row < rows; row++) {
                oneRow(x, row * inputs, inputs, matrix, row, n);
            }
        }
    }

    private static IntVector words(long address) {
        return (IntVector) ByteVector.fromMemorySegment(BYTES, MEMORY, address, ORDER).convertShape(VectorOperators.ZERO_EXTEND_B2I, WORDS, 0);
    }

    private static FloatVector value(IntVector places, FloatVector table) {
        return places.selectFrom(table.reinterpretAsInts()).reinterpretAsFloats();
    }

    private void oneRow(float[] x, int at, int inputs, PackedLinear.Matrix matrix, int row, int n) {
        var zero = FloatVector.zero(FLOATS);
        FloatVector a0 = zero, a1 = zero, b0 = zero, b1 = zero;
        long bytes = inputs / 2;
        long w = matrix.w() + n * bytes;
        int factors = inputs / SHARED;
        long f = matrix.scales() + 4L * n * factors;
        for (int shared = 0; shared < factors; shared++) {
            var table0 = values.mul(factor(f, shared));
            var table1 = values.mul(factor(f + 4L * factors, shared));
            for (int k = shared * SHARED; k < (shared + 1) * SHARED; k += 2 * LANES) {
                var even = FloatVector.fromArray(FLOATS, x, at + k);
                var odd = FloatVector.fromArray(FLOATS, x, at + k + LANES);
                var w0 = words(w + k / 2);
                a0 = value(w0.lanewise(VectorOperators.LSHR, 4), table0).fma(even, a0);
                b0 = value(w0.and(15), table0).fma(odd, b0);
                var w1 = words(w + bytes + k / 2);
                a1 = value(w1.lanewise(VectorOperators.LSHR, 4), table1).fma(even, a1);
                b1 = value(w1.and(15), table1).fma(odd, b1);
            }
        }
        long y = matrix.y(row, n);
        store(y, a0.add(b0));
        store(y + 2, a1.add(b1));
    }

    private static float factor(long factors, int index) {
        return MEMORY.get(ValueLayout.JAVA_FLOAT_UNALIGNED, factors + 4L * index);
    }

    private static void store(long address, FloatVector sums) {
        MEMORY.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, Bf16.round(VectorMath.sum(sums)));
    }
}
