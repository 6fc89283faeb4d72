package dev.lorikeet.tensor.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// The small matrix product of libtorch (`at::native::cpublas::brgemm`, by oneDNN) that its attention kernels use, where the processor
/// has matrix registers (AMX). It reads both matrices where they lie, so weights need no copy in another order.
final class Brgemm {
    private static final byte BFLOAT16 = 15;
    private static final long COLUMNS = 16;

    private final MethodHandle product;
    private final MethodHandle release;

    private Brgemm(MethodHandle product, MethodHandle release) {
        this.product = product;
        this.release = release;
    }

    /// @return empty where this build of libtorch has no such function, or the processor no AMX
    static Optional<Brgemm> find(SymbolLookup libtorch) {
        var product = libtorch.find("_ZN2at6native7cpublas6brgemmEllllllbPKN3c108BFloat16ES5_Pfb");
        var release = libtorch.find("_ZN2at6native7cpublas14brgemm_releaseEb");
        // Whether bfloat16 matrices can be packed: libtorch says yes exactly where brgemm takes them.
        var supported = libtorch.find("_ZN2at6native7cpublas10could_packEN3c1010ScalarTypeE");
        if (product.isEmpty() || release.isEmpty() || supported.isEmpty()) {
            return Optional.empty();
        }
        var linker = Linker.nativeLinker();
        try {
            var predicate = linker.downcallHandle(supported.get(), FunctionDescriptor.of(JAVA_BOOLEAN, JAVA_BYTE));
            if (!(boolean) predicate.invokeExact(BFLOAT16)) {
                return Optional.empty();
            }
        } catch (Throwable e) {
            throw TorchAbi.rethrow(e);
        }
        var arguments = FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_BOOLEAN, JAVA_LONG,
                JAVA_LONG, JAVA_LONG, JAVA_BOOLEAN);
        return Optional.of(new Brgemm(linker.downcallHandle(product.get(), arguments),
                linker.downcallHandle(release.get(), FunctionDescriptor.ofVoid(JAVA_BOOLEAN))));
    }

    /// `c = a · b`: a `[m, k]` in bfloat16, its rows `distance` elements apart; b `[k / 2, 16, 2]` in bfloat16, pairs of
    /// rows interleaved; c `[m, 16]` in float32.
    void multiply(long m, long k, long distance, long a, long b, long c) {
        try {
            product.invokeExact(m, COLUMNS, k, distance, COLUMNS, COLUMNS, false, a, b, c, true);
        } catch (Throwable e) {
            throw TorchAbi.rethrow(e);
        }
    }

    /// Frees this thread's matrix registers. Due before libtorch's own kernels run on this thread, which set them up differently.
    void release() {
        try {
            release.invokeExact(true);
        } catch (Throwable e) {
            throw TorchAbi.rethrow(e);
        }
    }
}
