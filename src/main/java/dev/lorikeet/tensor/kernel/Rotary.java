package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.MEMORY;
import static dev.lorikeet.tensor.kernel.Bf16.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Rotary position embeddings (Su et al., 2021) of a few rows, and what becomes of their keys and values.
///
/// @param size of a head @param half of the numbers in a head that are rotated, a multiple of a vector's floats; what is behind both
/// halves stays @param cos, sin addresses of `[rows, 2, half]` in float32, the first half of sin negated
record Rotary(int size, int half, long cos, long sin) {
    /// Keys and values of the past. @param k, v addresses of `[slots, heads, capacity, size]` @param slots, positions of `[rows]` in int64
    record Cache(long k, long v, int heads, int capacity, long slots, long positions) {
        /// Elements before those of a row's head.
        long place(int row, int head, int size) {
            long slot = MEMORY.get(ValueLayout.JAVA_LONG, slots + 8L * row);
            long position = MEMORY.get(ValueLayout.JAVA_LONG, positions + 8L * row);
            return ((slot * heads + head) * capacity + position) * size;
        }
    }

    /// Rotates a row's heads. @param x, y addresses of `[width]` in bfloat16
    void rotate(int row, long x, int width, long y) {
        for (int at = 0; at < width; at += size) {
            rotateHead(row, x + 2L * at, y + 2L * at);
        }
    }

    /// Writes rotated keys, and values, into the cache. @param key, value addresses of `[rows, heads, size]`
    void append(Cache cache, int rows, long key, long value) {
        long bytes = 2L * size;
        for (int row = 0; row < rows; row++) {
            for (int head = 0; head < cache.heads(); head++) {
                long from = ((long) row * cache.heads() + head) * bytes;
                long to = 2 * cache.place(row, head, size);
                rotateHead(row, key + from, cache.k() + to);
                MemorySegment.copy(MEMORY, value + from, MEMORY, cache.v() + to, bytes);
            }
        }
    }

    private void rotateHead(int row, long x, long y) {
        long bytes = 2L * half;
        long tables = 8L * row * half;
        for (int i = 0; i < half; i += FLOATS.length()) {
            var first = Bf16.widen(x + 2L * i);
            var second = Bf16.widen(x + bytes + 2L * i);
            long at = tables + 4L * i;
            var c = load(cos + at);
            var s = load(sin + at + 4L * half);
            Bf16.narrow(first.mul(c).sub(second.mul(s)), y + 2L * i);
            Bf16.narrow(second.mul(c).add(first.mul(s)), y + bytes + 2L * i);
        }
        if (2 * half < size) {
            MemorySegment.copy(MEMORY, x + 2 * bytes, MEMORY, y + 2 * bytes, 2L * size - 2 * bytes);
        }
    }
}
