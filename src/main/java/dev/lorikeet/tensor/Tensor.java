package dev.lorikeet.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import java.lang.foreign.MemorySegment;

/// A handle on a native tensor. It lives as long as the [TensorOwner] that made it, and belongs to one thread at a time.
public final class Tensor {
    private final PtNDArray array;

    Tensor(NDArray array) {
        this.array = (PtNDArray) array;
    }

    PtNDArray array() {
        return array;
    }

    public long[] shape() {
        return array.getShape().getShape();
    }

    /// The elements, copied; only for float32 tensors.
    public float[] toFloats() {
        return array.toFloatArray();
    }

    /// The elements, copied; only for float64 tensors.
    public double[] toDoubles() {
        return array.toDoubleArray();
    }

    /// The elements, copied; only for int64 tensors.
    public long[] toLongs() {
        return array.toLongArray();
    }

    /// The elements' bytes, copied; not for bfloat16 tensors.
    public MemorySegment toBytes() {
        return MemorySegment.ofArray(array.toByteArray());
    }

    /// The first element of a row of a float32 matrix and those after it, copied without the rest of the matrix.
    public float[] row(long row) {
        try (var line = array.get(row)) {
            return line.toFloatArray();
        }
    }
}
