package dev.lorikeet.tensor;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.IValue;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Arithmetic for preparing tensors outside of steps: conversions, transposition, norms. Results that are kept belong to one owner and
/// lie in memory of their own; intermediate ones belong to another that is closed soon, and with it goes the memory below them.
public final class TensorMath {
    private final Script script;
    private final TensorOwner kept;
    private final TensorOwner scratch;
    private long bytes;

    public TensorMath(Script script, TensorOwner kept, TensorOwner scratch) {
        this.script = script;
        this.kept = kept;
        this.scratch = scratch;
    }

    /// Bytes of all kept tensors.
    public long bytes() {
        return bytes;
    }

    /// Takes intermediate tensors.
    public TensorOwner scratch() {
        return scratch;
    }

    /// An intermediate tensor in float32 over these bytes.
    public Tensor float32(MemorySegment data, ElementType stored, long... shape) {
        return scratch.wrap(script, data, stored, ElementType.FLOAT32, shape);
    }

    /// A kept copy of these bytes, whatever the types.
    public Tensor copied(MemorySegment data, ElementType stored, ElementType wanted, long... shape) {
        return keep("to_" + wanted.configName(), scratch.wrap(script, data, stored, stored, shape), wanted);
    }

    /// A kept `[1, n]` tensor.
    public Tensor row(float[] values, ElementType wanted) {
        var row = new Tensor(scratch.manager().create(values, new Shape(1, values.length)));
        return keep("to_" + wanted.configName(), row, wanted);
    }

    /// A kept transpose of a float32 matrix `[n, m]` times a factor.
    public Tensor transposed(Tensor matrix, double factor, ElementType wanted) {
        var factors = new float[(int) matrix.shape()[0]];
        Arrays.fill(factors, (float) factor);
        return transposed(matrix, factors, wanted);
    }

    /// A kept transpose `[m, n]` of a float32 matrix `[n, m]` whose rows are multiplied by these factors.
    public Tensor transposed(Tensor matrix, float[] factors, ElementType wanted) {
        try (var x = IValue.from(matrix.array()); var f = IValue.from(scratch.ofFloats(factors).array())) {
            return keep("to_" + wanted.configName(), script.run(scratch, "transposed", x, f)[0], wanted);
        }
    }

    private Tensor keep(String method, Tensor tensor, ElementType type) {
        try (var x = IValue.from(tensor.array())) {
            var result = script.run(kept, method, x)[0];
            long elements = 1;
            for (long size : result.shape()) {
                elements *= size;
            }
            bytes += elements * type.bytes();
            return result;
        }
    }

    /// Length of each row of `weight + scale · b · a`. @param a `[r, in]` @param b `[out, r]`
    public float[] doraNorm(Tensor weight, Tensor a, Tensor b, double scale) {
        try (var w = IValue.from(weight.array()); var x = IValue.from(a.array()); var y = IValue.from(b.array()); var s = IValue.from(scale)) {
            return script.run(scratch, "dora_norm", w, x, y, s)[0].toFloats();
        }
    }

    /// A vector's elements, of whatever type it is.
    public float[] floats(Tensor tensor) {
        try (var x = IValue.from(tensor.array())) {
            return script.run(scratch, "to_float32", x)[0].toFloats();
        }
    }

    /// Whether two tensors of the same shape are equal element by element.
    public boolean isEqual(Tensor a, Tensor b) {
        try (var x = IValue.from(a.array()); var y = IValue.from(b.array())) {
            return script.run(scratch, "max_difference", x, y)[0].toFloats()[0] == 0;
        }
    }
}
