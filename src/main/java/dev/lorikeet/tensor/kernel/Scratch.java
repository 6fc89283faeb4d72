package dev.lorikeet.tensor.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Working memory that a kernel keeps between calls; it grows to the largest call and is freed with the kernel.
final class Scratch {
    private MemorySegment memory = MemorySegment.NULL;

    /// Address of room for this many floats; what was there is lost.
    long floats(long count) {
        if (memory.byteSize() < 4 * count) {
            memory = Arena.ofAuto().allocate(4 * count, 64);
        }
        return memory.address();
    }
}
