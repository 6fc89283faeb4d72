package dev.lorikeet.tensor;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The C library's heap, from which libtorch takes its memory on the CPU.
public final class NativeHeap {
    private static final Optional<MethodHandle> TRIM = Linker.nativeLinker().defaultLookup().find("malloc_trim")
            .map(function -> Linker.nativeLinker().downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)));

    private static final long PAGE = 4096;

    private NativeHeap() {}

    /// Resident memory of this process; 0 where the operating system does not tell.
    public static long residentBytes() {
        try {
            return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * PAGE;
        } catch (IOException _) {
            return 0;
        }
    }

    /// Gives what is free back to the operating system, since glibc keeps freed matrices for the next request otherwise. To be called
    /// after an unload or a load, or now and then, never in a step. Does nothing where the C library has no such function.
    public static void trim() {
        TRIM.ifPresent(trim -> {
            try {
                int _ = (int) trim.invokeExact(0L);
            } catch (Throwable e) {
                throw new IllegalStateException("malloc_trim cannot be called", e);
            }
        });
    }
}
