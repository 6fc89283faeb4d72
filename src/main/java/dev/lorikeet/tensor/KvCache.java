package dev.lorikeet.tensor;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.IValue;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;

/// Keys and values of running sequences: for each layer two tensors `[slots, kvHeads, capacity, headDim]`.
///
/// On the CPU the memory comes from `calloc`, whose large blocks the operating system backs with pages only as they are written:
/// a slot costs what its sequence has filled. (libtorch would write the zeros at once, and unwritten memory must not hold NaN,
/// since attention multiplies masked positions by zero.)
final class KvCache implements AutoCloseable {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle CALLOC = LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow("calloc"),
            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    private static final MethodHandle FREE = LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow("free"),
            FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));

    private final TensorOwner owner;
    private final List<MemorySegment> blocks = new ArrayList<>();
    private final IValue keys;
    private final IValue values;

    KvCache(Script script, TensorDevice device, ElementType type, int layers, long... shape) {
        owner = TensorOwner.open(device);
        try {
            keys = tensors(script, type, layers, shape);
            values = tensors(script, type, layers, shape);
        } catch (RuntimeException e) {
            free();
            throw e;
        }
    }

    private IValue tensors(Script script, ElementType type, int layers, long... shape) {
        var arrays = new ai.djl.pytorch.engine.PtNDArray[layers];
        for (int layer = 0; layer < layers; layer++) {
            arrays[layer] = (owner.device().isCpu() ? fromCalloc(script, type, shape) : zeros(script, type, shape)).array();
        }
        return IValue.listFrom(arrays);
    }

    private Tensor fromCalloc(Script script, ElementType type, long... shape) {
        long bytes = type.bytes();
        for (long size : shape) {
            bytes = Math.multiplyExact(bytes, size);
        }
        var block = calloc(bytes);
        blocks.add(block);
        return owner.wrapWhole(script, block, type, shape);
    }

    private Tensor zeros(Script script, ElementType type, long... shape) {
        var like = owner.manager().create(new Shape(0), type == ElementType.FLOAT32 ? DataType.FLOAT32 : DataType.FLOAT16);
        var typed = type == ElementType.BFLOAT16 ? script.forward(owner, "as_bfloat16", List.of(new Tensor(like))) : new Tensor(like);
        return script.run(owner, "zeros", IValue.from(typed.array()), IValue.listFrom(shape))[0];
    }

    IValue keys() {
        return keys;
    }

    IValue values() {
        return values;
    }

    @Override
    public void close() {
        keys.close();
        values.close();
        free();
    }

    private void free() {
        owner.close();
        blocks.forEach(KvCache::free);
        blocks.clear();
    }

    private static MemorySegment calloc(long bytes) {
        try {
            var block = (MemorySegment) CALLOC.invokeExact(1L, bytes);
            if (block.equals(MemorySegment.NULL)) {
                throw new OutOfMemoryError("the operating system refuses " + bytes + " bytes for the KV cache");
            }
            return block.reinterpret(bytes);
        } catch (Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static void free(MemorySegment block) {
        try {
            FREE.invokeExact(block);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
