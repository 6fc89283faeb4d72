package dev.lorikeet.tensor.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;

/// The part of libtorch's stable C interface (`torch/csrc/inductor/aoti_torch/c/shim.h`) by which an operator is registered, reads
/// its arguments and makes its result. A tensor is an owned handle, passed as a 64-bit number. After registration it serves one thread
/// at a time: results come by memory that it keeps.
final class TorchAbi {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final int CPU = 0;

    private final MethodHandle initDefinitions;
    private final MethodHandle initImplementations;
    private final MethodHandle define;
    private final MethodHandle implement;
    private final MethodHandle delete;
    private final MethodHandle dataPointer;
    private final MethodHandle size;
    private final MethodHandle emptyStrided;
    private final MemorySegment result = Arena.global().allocate(ValueLayout.JAVA_LONG);
    private final MemorySegment shape = Arena.global().allocate(ValueLayout.JAVA_LONG, 2);
    private final MemorySegment strides = Arena.global().allocate(ValueLayout.JAVA_LONG, 2);

    /// A registered operator: reads its arguments from `stack` and puts its result into `stack[0]`.
    @FunctionalInterface
    interface Kernel {
        void run(MemorySegment stack);
    }

    /// @param lookup in the loaded `libtorch_cpu`
    TorchAbi(SymbolLookup lookup) {
        var address = ValueLayout.ADDRESS;
        var int64 = ValueLayout.JAVA_LONG;
        var int32 = ValueLayout.JAVA_INT;
        initDefinitions = bind(lookup, "aoti_torch_library_init_def", address, address, int32, address);
        initImplementations = bind(lookup, "aoti_torch_library_init_impl", address, address, address, int32, address);
        define = bind(lookup, "aoti_torch_library_def", address, address);
        implement = bind(lookup, "aoti_torch_library_impl", address, address, address);
        delete = bind(lookup, "aoti_torch_delete_tensor_object", int64);
        dataPointer = bind(lookup, "aoti_torch_get_data_ptr", int64, address);
        size = bind(lookup, "aoti_torch_get_size", int64, int64, address);
        emptyStrided = bind(lookup, "aoti_torch_empty_strided", int64, address, address, int32, int32, int32, address);
    }

    private static MethodHandle bind(SymbolLookup lookup, String name, java.lang.foreign.MemoryLayout... arguments) {
        return LINKER.downcallHandle(lookup.findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
    }

    /// Declares operators of one namespace by their schemas, with their CPU kernels. The registration lasts as long as the process.
    void register(String namespace, Map<String, Kernel> operators) {
        var arena = Arena.global();
        try {
            var library = arena.allocate(ValueLayout.ADDRESS);
            var space = arena.allocateFrom(namespace);
            var file = arena.allocateFrom("TorchAbi.java");
            check((int) initDefinitions.invokeExact(space, file, 0, library));
            for (String schema : operators.keySet()) {
                check((int) define.invokeExact(library.get(ValueLayout.ADDRESS, 0), arena.allocateFrom(schema)));
            }
            check((int) initImplementations.invokeExact(space, arena.allocateFrom("CPU"), file, 0, library));
            for (var operator : operators.entrySet()) {
                var name = arena.allocateFrom(operator.getKey().substring(0, operator.getKey().indexOf('(')));
                check((int) implement.invokeExact(library.get(ValueLayout.ADDRESS, 0), name, stub(operator.getValue())));
            }
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    private static MemorySegment stub(Kernel kernel) throws ReflectiveOperationException {
        var sized = new Sized(kernel);
        var handle = MethodHandles.lookup().findVirtual(Sized.class, "run",
                MethodType.methodType(void.class, MemorySegment.class, long.class, long.class)).bindTo(sized);
        return LINKER.upcallStub(handle, FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG), Arena.global());
    }

    /// Gives the stack its size. Kernels must not throw: an exception that leaves an upcall ends the JVM.
    private record Sized(Kernel kernel) {
        void run(MemorySegment stack, long inputs, long outputs) {
            kernel.run(stack.reinterpret(8 * Math.max(inputs, outputs)));
        }
    }

    /// Address of a tensor's first element.
    long data(long tensor) {
        try {
            check((int) dataPointer.invokeExact(tensor, result));
            return result.get(ValueLayout.JAVA_LONG, 0);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    long size(long tensor, int dimension) {
        try {
            check((int) size.invokeExact(tensor, (long) dimension, result));
            return result.get(ValueLayout.JAVA_LONG, 0);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    /// A new contiguous matrix on the CPU. @param dtype `c10::ScalarType`
    long matrix(long rows, long columns, int dtype) {
        try {
            shape.setAtIndex(ValueLayout.JAVA_LONG, 0, rows);
            shape.setAtIndex(ValueLayout.JAVA_LONG, 1, columns);
            strides.setAtIndex(ValueLayout.JAVA_LONG, 0, columns);
            strides.setAtIndex(ValueLayout.JAVA_LONG, 1, 1);
            check((int) emptyStrided.invokeExact(2L, shape, strides, dtype, CPU, 0, result));
            return result.get(ValueLayout.JAVA_LONG, 0);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    void delete(long tensor) {
        try {
            check((int) delete.invokeExact(tensor));
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    private static void check(int error) {
        if (error != 0) {
            throw new IllegalStateException("libtorch's C interface reports error " + error);
        }
    }

    static RuntimeException rethrow(Throwable e) {
        return switch (e) {
            case RuntimeException unchecked -> unchecked;
            case Error error -> throw error;
            default -> new IllegalStateException(e);
        };
    }
}
