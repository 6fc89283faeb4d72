package dev.lorikeet.tensor;

import ai.djl.pytorch.jni.IValue;

/// The logits of one step, `[rows, vocabulary]` in float32, on the device until they are asked for. Closing frees them.
public final class Logits implements AutoCloseable {
    private final Script script;
    private final TensorOwner scope;
    private final Tensor greedy;
    private final Tensor logits;
    private final int rows;

    /// Log-probabilities of some rows. @param own of the given ids @param rank of these ids, 1 is the likeliest
    /// @param best the likeliest ones of each row, descending @param bestIds their ids
    public record Scores(float[] own, long[] rank, float[] best, long[] bestIds) {}

    Logits(Script script, TensorOwner scope, Tensor greedy, Tensor logits, int rows) {
        this.script = script;
        this.scope = scope;
        this.greedy = greedy;
        this.logits = logits;
        this.rows = rows;
    }

    public int rows() {
        return rows;
    }

    /// The id with the largest logit, for each row.
    public long[] greedy() {
        return greedy.toLongs();
    }

    /// One row's logits, copied.
    public float[] row(int row) {
        return logits.row(row);
    }

    /// Scores `ids[i]` in row `rows[i]`. @param top how many of the likeliest tokens to report, ≥ 1
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
