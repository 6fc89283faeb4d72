package dev.lorikeet.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// Vectors over bfloat16 in memory. A vector of 32-bit words holds pairs: shifted left by 16 it is the even elements as floats, with
/// its low half masked it is the odd ones. What meets them is spread into even and odd elements beforehand, so no shuffle is needed.
final class Bf16 {
    static final VectorSpecies<Integer> WORDS = IntVector.SPECIES_PREFERRED;
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    static final ByteOrder ORDER = ByteOrder.nativeOrder();
    /// All of memory: kernels compute with addresses that libtorch hands them.
    static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    /// Bytes of a vector.
    static final long VECTOR = WORDS.vectorByteSize();
    /// bfloat16 elements in a vector of pairs.
    static final int PAIRED = 2 * WORDS.length();
    /// As many bfloat16 numbers as a vector has floats.
    private static final VectorSpecies<Short> HALVES = VectorSpecies.of(short.class, VectorShape.forBitSize(16 * FLOATS.length()));
    private static final int HIGH_HALF = 0xFFFF0000;

    private Bf16() {}

    static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(FLOATS, MEMORY, address, ORDER);
    }

    /// One bfloat16 number.
    static float get(long address) {
        return Float.intBitsToFloat(MEMORY.get(ValueLayout.JAVA_SHORT_UNALIGNED, address) << 16);
    }

    static IntVector pairs(long address) {
        return IntVector.fromMemorySegment(WORDS, MEMORY, address, ORDER);
    }

    static FloatVector even(IntVector pairs) {
        return pairs.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    static FloatVector odd(IntVector pairs) {
        return pairs.and(HIGH_HALF).reinterpretAsFloats();
    }

    /// Writes `elements` bfloat16 numbers as floats: for each vector of pairs the even, then the odd ones.
    static void spread(long source, long elements, long target) {
        for (long at = 0; at < 2 * elements; at += VECTOR) {
            var pairs = pairs(source + at);
            even(pairs).intoMemorySegment(MEMORY, target + 2 * at, ORDER);
            odd(pairs).intoMemorySegment(MEMORY, target + 2 * at + VECTOR, ORDER);
        }
    }

    /// The same, into an array.
    static void spread(long source, int elements, float[] target, int from) {
        for (int at = 0; at < elements; at += PAIRED) {
            var pairs = pairs(source + 2L * at);
            even(pairs).intoArray(target, from + at);
            odd(pairs).intoArray(target, from + at + FLOATS.length());
        }
    }

    /// Writes `elements` bfloat16 numbers as floats, in their order.
    static void widen(long source, int elements, float[] target, int from) {
        for (int at = 0; at < elements; at += FLOATS.length()) {
            widen(source + 2L * at).intoArray(target, from + at);
        }
    }

    /// A vector of floats from as many bfloat16 numbers, in their order.
    static FloatVector widen(long address) {
        var words = (IntVector) ShortVector.fromMemorySegment(HALVES, MEMORY, address, ORDER).convertShape(VectorOperators.ZERO_EXTEND_S2I, WORDS, 0);
        return words.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
    }

    /// Rounds to bfloat16 and writes one vector, in its order.
    static void narrow(FloatVector values, long address) {
        var words = rounded(values).lanewise(VectorOperators.LSHR, 16);
        ((ShortVector) words.convertShape(VectorOperators.I2S, HALVES, 0)).intoMemorySegment(MEMORY, address, ORDER);
    }

    /// The same of an array's elements, a multiple of a vector.
    static void narrow(float[] values, int from, int elements, long address) {
        for (int at = 0; at < elements; at += FLOATS.length()) {
            narrow(FloatVector.fromArray(FLOATS, values, from + at), address + 2L * at);
        }
    }

    /// Rounds to bfloat16 and writes the pairs.
    static void store(long address, FloatVector even, FloatVector odd) {
        rounded(even, odd).intoMemorySegment(MEMORY, address, ORDER);
    }

    /// Rounds to bfloat16. @return the pairs
    static IntVector rounded(FloatVector even, FloatVector odd) {
        return rounded(even).lanewise(VectorOperators.LSHR, 16).or(rounded(odd).and(HIGH_HALF));
    }

    /// The nearest bfloat16, ties to even, in the high half of each word.
    private static IntVector rounded(FloatVector values) {
        var bits = values.reinterpretAsInts();
        return bits.add(bits.lanewise(VectorOperators.LSHR, 16).and(1)).add(0x7FFF);
    }

    /// Rounds one number and writes it.
    static void put(float value, long address) {
        MEMORY.set(ValueLayout.JAVA_SHORT_UNALIGNED, address, round(value));
    }

    /// Rounds one number to the nearest bfloat16, ties to even.
    static short round(float value) {
        int bits = Float.floatToRawIntBits(value);
        return value != value ? (short) (bits >>> 16 | 0x40) : (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }
}
