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
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// Weights of four bits that are places in a table of sixteen values (NF4, FP4), as bitsandbytes packs them: `[outputs, inputs / 2]`, the
/// first of two in the high half of a byte. Each block of them has one scale.
final class TableFormat implements PackedLinear.Format, Dequantizer.Format {
    private static final int LANES = FLOATS.length();
    private static final VectorSpecies<Byte> BYTES = VectorSpecies.of(byte.class, VectorShape.forBitSize(8 * LANES));
    private static final int OUTPUTS = 2;
    private static final int TABLE = 16;
    /// The first halves of two vectors, their lanes in turn, and the second halves.
    private static final VectorShuffle<Float> NEAR = VectorShuffle.makeZip(FLOATS, 0);
    private static final VectorShuffle<Float> FAR = VectorShuffle.makeZip(FLOATS, 1);

    /// The table, in one vector of sixteen lanes or in two of eight.
    private final FloatVector lower;
    private final FloatVector upper;
    private final int block;

    /// @param table sixteen values @param block weights that share a scale, a multiple of [Bf16#PAIRED] that divides each row
    TableFormat(float[] table, int block) {
        this.block = block;
        this.lower = FloatVector.fromArray(FLOATS, table, 0);
        this.upper = FloatVector.fromArray(FLOATS, table, table.length - LANES);
    }

    @Override
    public int block() {
        return OUTPUTS;
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

    /// A vector for each output's sum.
    @Override
    public int workspace(int inputs) {
        return OUTPUTS * LANES;
    }

    @Override
    public void multiply(float[] x, int rows, int inputs, PackedLinear.Matrix matrix, int from, int to, float[] workspace) {
        for (int n = from; n < to; n += OUTPUTS) {
            for (int row = 0; row < rows; row++) {
                oneRow(x, row * inputs, inputs, matrix, row, n, workspace);
            }
        }
    }

    private static IntVector words(long address) {
        return (IntVector) ByteVector.fromMemorySegment(BYTES, MEMORY, address, ORDER).convertShape(VectorOperators.ZERO_EXTEND_B2I, WORDS, 0);
    }

    private static FloatVector value(IntVector places, FloatVector lower, FloatVector upper) {
        if (LANES >= TABLE) {
            return places.selectFrom(lower.reinterpretAsInts()).reinterpretAsFloats();
        }
        var within = places.and(LANES - 1);
        return within.selectFrom(lower.reinterpretAsInts()).blend(within.selectFrom(upper.reinterpretAsInts()), places.compare(VectorOperators.GE, LANES))
                .reinterpretAsFloats();
    }

    private void oneRow(float[] x, int at, int inputs, PackedLinear.Matrix matrix, int row, int n, float[] sums) {
        var a0 = FloatVector.zero(FLOATS);
        var a1 = a0;
        var b0 = a0;
        var b1 = a0;
        long bytes = inputs / 2;
        long w = matrix.w() + n * bytes;
        int blocks = inputs / block;
        for (int b = 0; b < blocks; b++) {
            float scale0 = matrix.scale((long) n * blocks + b);
            var lower0 = lower.mul(scale0);
            var upper0 = upper.mul(scale0);
            float scale1 = matrix.scale((long) (n + 1) * blocks + b);
            var lower1 = lower.mul(scale1);
            var upper1 = upper.mul(scale1);
            for (int k = b * block; k < (b + 1) * block; k += 2 * LANES) {
                var even = FloatVector.fromArray(FLOATS, x, at + k);
                var odd = FloatVector.fromArray(FLOATS, x, at + k + LANES);
                var w0 = words(w + k / 2);
                a0 = value(w0.lanewise(VectorOperators.LSHR, 4), lower0, upper0).fma(even, a0);
                b0 = value(w0.and(15), lower0, upper0).fma(odd, b0);
                var w1 = words(w + bytes + k / 2);
                a1 = value(w1.lanewise(VectorOperators.LSHR, 4), lower1, upper1).fma(even, a1);
                b1 = value(w1.and(15), lower1, upper1).fma(odd, b1);
            }
        }
        a0.add(b0).intoArray(sums, 0);
        a1.add(b1).intoArray(sums, LANES);
        for (int i = 0; i < OUTPUTS; i++) {
            Bf16.put(VectorMath.sum(sums, i * LANES), matrix.y(row, n + i));
        }
    }

    /// As `[outputs, inputs]` in bfloat16.
    @Override
    public void dequantize(PackedLinear.Matrix matrix, int inputs, int from, int to) {
        for (long at = (long) from * inputs; at < (long) to * inputs; at += block) {
            float scale = matrix.scale(at / block);
            var scaledLower = lower.mul(scale);
            var scaledUpper = upper.mul(scale);
            for (long k = at; k < at + block; k += 2 * LANES) {
                var words = words(matrix.w() + k / 2);
                Bf16.store(matrix.y() + 2 * k, value(words.lanewise(VectorOperators.LSHR, 4), scaledLower, scaledUpper), value(words.and(15), scaledLower, scaledUpper));
            }
        }
    }

    /// The same in float32.
    Dequantizer.Format single() {
        return new Dequantizer.Format() {
            @Override
            public int block() {
                return OUTPUTS;
            }

            @Override
            public void dequantize(PackedLinear.Matrix matrix, int inputs, int from, int to) {
                dequantizeSingle(matrix, inputs, from, to);
            }
        };
    }

    private void dequantizeSingle(PackedLinear.Matrix matrix, int inputs, int from, int to) {
        for (long at = (long) from * inputs; at < (long) to * inputs; at += block) {
            float scale = matrix.scale(at / block);
            var scaledLower = lower.mul(scale);
            var scaledUpper = upper.mul(scale);
            for (long k = at; k < at + block; k += 2 * LANES) {
                var words = words(matrix.w() + k / 2);
                var first = value(words.lanewise(VectorOperators.LSHR, 4), scaledLower, scaledUpper);
                var second = value(words.and(15), scaledLower, scaledUpper);
                first.rearrange(NEAR, second).intoMemorySegment(MEMORY, matrix.y() + 4 * k, ORDER);
                first.rearrange(FAR, second).intoMemorySegment(MEMORY, matrix.y() + 4 * k + 4L * LANES, ORDER);
            }
        }
    }
}
