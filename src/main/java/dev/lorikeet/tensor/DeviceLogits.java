package dev.lorikeet.tensor;

import ai.djl.pytorch.jni.IValue;

/// Logits on the device.
final class DeviceLogits implements Logits {
    private final Script script;
    private final TensorOwner scope;
    private final Tensor greedy;
    private final Tensor logits;
    private final int rows;

    DeviceLogits(Script script, TensorOwner scope, Tensor greedy, Tensor logits, int rows) {
        this.script = script;
        this.scope = scope;
        this.greedy = greedy;
        this.logits = logits;
        this.rows = rows;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public long[] greedy() {
        return greedy.toLongs();
    }

    @Override
    public float[] row(int row) {
        return logits.row(row);
    }

    @Override
    public Scores score(long[] rows, long[] ids, int top) {
        try (var inner = TensorOwner.open(scope.device());
                var all = IValue.from(logits.array()); var which = IValue.from(inner.ofLongs(rows).array());
                var own = IValue.from(inner.ofLongs(ids).array()); var k = IValue.from(top)) {
            var result = script.run(inner, "score", all, which, own, k);
            return new Scores(result[0].toFloats(), result[1].toLongs(), result[2].toFloats(), result[3].toLongs());
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
