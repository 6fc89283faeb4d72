package dev.lorikeet.tensor;

import ai.djl.pytorch.jni.IValue;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Arithmetic for putting an adapter's matrices into a weight, some rows at a time, in float32. Everything belongs to one scope.
public final class MergeMath implements AutoCloseable {
    private final Script script;
    private final TensorOwner scope;

    public MergeMath(Script script, TensorDevice device) {
        this.script = script;
        this.scope = TensorOwner.open(device);
    }

    /// These bytes in float32.
    public Tensor float32(MemorySegment bytes, ElementType stored, long... shape) {
        return scope.wrap(script, bytes, stored, ElementType.FLOAT32, shape);
    }

    /// `weight + scale · b · a`, each row then brought to its magnitude (DoRA) if there is one.
    ///
    /// @param weight `[n, in]` @param a `[r, in]` @param b `[n, r]` @param magnitude `[n]`
    public Tensor withLowRank(Tensor weight, Tensor a, Tensor b, double scale, Optional<Tensor> magnitude) {
        try (var w = IValue.from(weight.array()); var x = IValue.from(a.array()); var y = IValue.from(b.array()); var s = IValue.from(scale);
                var m = IValue.from(magnitude.orElseGet(scope::ofFloats).array())) {
            return script.run(scope, "with_low_rank", w, x, y, s, m)[0];
        }
    }

    /// Some columns of a matrix, as rows.
    public Tensor columns(Tensor matrix, long from, long count) {
        try (var x = IValue.from(matrix.array()); var start = IValue.from(from); var n = IValue.from(count)) {
            return script.run(scope, "columns", x, start, n)[0];
        }
    }

    /// The sum of two tensors of one shape.
    public Tensor sum(Tensor a, Tensor b) {
        try (var x = IValue.from(a.array()); var y = IValue.from(b.array())) {
            return script.run(scope, "plus", x, y)[0];
        }
    }

    /// A float32 vector.
    public Tensor vector(float... values) {
        return scope.ofFloats(values);
    }

    /// The bytes of a float32 tensor after rounding to a type, as a checkpoint holds them. They live as long as this object.
    public MemorySegment bytes(Tensor tensor, ElementType type) {
        var rounded = type == ElementType.FLOAT32 ? tensor : run("to_" + type.configName(), tensor);
        var readable = type == ElementType.BFLOAT16 ? run("as_float16", rounded) : rounded;
        return MemorySegment.ofBuffer(readable.array().toByteBuffer(true));
    }

    private Tensor run(String method, Tensor tensor) {
        try (var x = IValue.from(tensor.array())) {
            return script.run(scope, method, x)[0];
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
