package dev.lorikeet.merge;

import dev.lorikeet.model.SafetensorsFile;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.tensor.MergeMath;
import dev.lorikeet.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/// Numbers of a mapped file: a vector or a matrix, or some rows of one. @param shape rows first
record Block(ElementType type, MemorySegment bytes, long[] shape) {
    static Block of(SafetensorsFile.Entry entry) {
        return new Block(entry.type(), entry.bytes(), entry.shape());
    }

    long rows() {
        return shape[0];
    }

    /// Elements of a row.
    long width() {
        return bytes.byteSize() / type.bytes() / shape[0];
    }

    Block rows(long from, long count) {
        long rowBytes = bytes.byteSize() / shape[0];
        long[] part = shape.clone();
        part[0] = count;
        return new Block(type, bytes.asSlice(from * rowBytes, count * rowBytes), part);
    }

    Tensor float32(MergeMath math) {
        return math.float32(bytes, type, shape);
    }
}
