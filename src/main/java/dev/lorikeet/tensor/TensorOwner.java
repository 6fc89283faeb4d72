package dev.lorikeet.tensor;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Owns native tensors: closing it frees every tensor made through it. There are four kinds of owners: a model's, an adapter's,
/// a training job's, and one for each step.
public final class TensorOwner implements AutoCloseable {
    /// A ByteBuffer holds less than 2 GiB; larger tensors come in row chunks of at most this many bytes.
    static final long CHUNK_BYTES = Integer.getInteger("lorikeet.tensor.chunk-bytes", 1 << 30);

    private final PtNDManager manager;
    private final TensorDevice device;

    private TensorOwner(PtNDManager manager, TensorDevice device) {
        this.manager = manager;
        this.device = device;
    }

    public static TensorOwner open(TensorDevice device) {
        Torch.start(0);
        return new TensorOwner((PtNDManager) NDManager.newBaseManager(Torch.device(device), "PyTorch"), device);
    }

    PtNDManager manager() {
        return manager;
    }

    public TensorDevice device() {
        return device;
    }

    public Tensor ofLongs(long... values) {
        return new Tensor(manager.create(values));
    }

    public Tensor ofFloats(float... values) {
        return new Tensor(manager.create(values));
    }

    /// A tensor over these bytes. On the CPU nothing is copied: the memory must outlive this owner and never be written.
    ///
    /// @param program reads the bytes as what they are (DJL itself knows no bfloat16)
    /// @param stored what the bytes are @param wanted what the tensor shall be; another type than `stored` costs a copy
    /// @param shape rows first
    public Tensor wrap(Script program, MemorySegment bytes, ElementType stored, ElementType wanted, long... shape) {
        var tensor = wrap(program, bytes, stored, shape);
        if (stored == wanted) {
            return tensor;
        }
        var converted = program.forward(this, "to_" + wanted.configName(), List.of(tensor));
        tensor.array().close();
        return converted;
    }

    private Tensor wrap(Script program, MemorySegment bytes, ElementType type, long... shape) {
        if (bytes.byteSize() <= CHUNK_BYTES) {
            return wrapChunk(program, bytes, type, shape);
        }
        long rowBytes = bytes.byteSize() / shape[0];
        long rowsPerChunk = Math.max(1, CHUNK_BYTES / rowBytes);
        List<Tensor> chunks = new ArrayList<>();
        for (long row = 0; row < shape[0]; row += rowsPerChunk) {
            long[] part = shape.clone();
            part[0] = Math.min(rowsPerChunk, shape[0] - row);
            chunks.add(wrapChunk(program, bytes.asSlice(row * rowBytes, part[0] * rowBytes), type, part));
        }
        var whole = program.forward(this, "concatenate", chunks);
        chunks.forEach(chunk -> chunk.array().close());
        return whole;
    }

    /// As [#wrap], but never in chunks: for memory that will be written, where a copy would be wrong. At most 2 GiB.
    Tensor wrapWhole(Script program, MemorySegment bytes, ElementType type, long... shape) {
        return wrapChunk(program, bytes, type, shape);
    }

    private Tensor wrapChunk(Script program, MemorySegment bytes, ElementType type, long... shape) {
        ByteBuffer buffer = bytes.asByteBuffer().order(ByteOrder.nativeOrder());
        var dataType = type == ElementType.FLOAT32 ? DataType.FLOAT32 : DataType.FLOAT16;
        var raw = new Tensor(JniUtils.createNdFromByteBuffer(manager, buffer, new Shape(shape), dataType, SparseFormat.DENSE, Torch.device(device)));
        return type == ElementType.BFLOAT16 ? program.forward(this, "as_bfloat16", Collections.singletonList(raw)) : raw;
    }

    /// A tensor over these codes. On the CPU nothing is copied, up to 1 GiB.
    public Tensor wrapCodes(Script program, MemorySegment bytes, CodeType type, long... shape) {
        long rowBytes = bytes.byteSize() / Math.max(1, shape[0]);
        if (bytes.byteSize() <= CHUNK_BYTES) {
            return wrapCodes(bytes, type, shape);
        }
        long rowsPerChunk = Math.max(1, CHUNK_BYTES / rowBytes);
        List<Tensor> chunks = new ArrayList<>();
        for (long row = 0; row < shape[0]; row += rowsPerChunk) {
            long[] part = shape.clone();
            part[0] = Math.min(rowsPerChunk, shape[0] - row);
            chunks.add(wrapCodes(bytes.asSlice(row * rowBytes, part[0] * rowBytes), type, part));
        }
        var whole = program.forward(this, "concatenate", chunks);
        chunks.forEach(chunk -> chunk.array().close());
        return whole;
    }

    private Tensor wrapCodes(MemorySegment bytes, CodeType type, long... shape) {
        ByteBuffer buffer = bytes.asByteBuffer().order(ByteOrder.nativeOrder());
        return new Tensor(JniUtils.createNdFromByteBuffer(manager, buffer, new Shape(shape), type.dataType(), SparseFormat.DENSE, Torch.device(device)));
    }

    public Tensor ofDoubles(double... values) {
        return new Tensor(manager.create(values));
    }

    /// A float32 tensor of this shape, over memory of the Java runtime: for copying from.
    public Tensor ofFloats(float[] values, long... shape) {
        return new Tensor(manager.create(values, new Shape(shape)));
    }

    /// Frees tensors of this owner before it is closed.
    public void free(List<Tensor> tensors) {
        tensors.forEach(tensor -> tensor.array().close());
    }

    @Override
    public void close() {
        manager.close();
    }
}
