package dev.lorikeet.tensor;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Puts tensors of several adapters together for a batch, and owns what comes of it. A single tensor is passed on as it is.
public final class TensorJoin implements AutoCloseable {
    private final Script script;
    private final TensorOwner owner;

    public TensorJoin(Script script, TensorDevice device) {
        this.script = script;
        this.owner = TensorOwner.open(device);
    }

    public Tensor empty() {
        return owner.ofFloats();
    }

    /// A float32 matrix.
    public Tensor matrix(float[] values, long rows, long columns) {
        return new Tensor(owner.manager().create(values, new Shape(rows, columns)));
    }

    /// The tensors one after the other along a dimension (0 or 1); empty for none.
    public Optional<Tensor> optional(List<Tensor> tensors, int dimension) {
        if (tensors.size() < 2) {
            return tensors.stream().findFirst();
        }
        return Optional.of(join(tensors, dimension == 0 ? "concatenate" : "concatenate_columns"));
    }

    /// `[owners + 1, width]`: a row of zeros, then each owner's row or zeros; empty if no owner has one.
    public Optional<Tensor> table(List<Optional<Tensor>> rows, long width) {
        var like = rows.stream().flatMap(Optional::stream).findFirst();
        return like.map(tensor -> {
            var zeros = zeros(tensor, width);
            var all = new ArrayList<Tensor>(List.of(zeros));
            rows.forEach(row -> all.add(row.orElse(zeros)));
            return join(all, "concatenate");
        });
    }

    private Tensor zeros(Tensor like, long width) {
        try (var x = IValue.from(like.array()); var shape = IValue.listFrom(1L, width)) {
            return script.run(owner, "zeros", x, shape)[0];
        }
    }

    private Tensor join(List<Tensor> tensors, String method) {
        try (var parts = IValue.listFrom(tensors.stream().map(Tensor::array).toArray(PtNDArray[]::new))) {
            return script.run(owner, method, parts)[0];
        }
    }

    @Override
    public void close() {
        owner.close();
    }
}
