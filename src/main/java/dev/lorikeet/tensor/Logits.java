package dev.lorikeet.tensor;

/// The logits of one step, `[rows, vocabulary]` in float32, left where they were computed until they are asked for.
/// Closing frees them.
public interface Logits extends AutoCloseable {
    int rows();

    /// The id with the largest logit, for each row.
    long[] greedy();

    /// One row's logits, copied.
    float[] row(int row);

    /// Scores `ids[i]` in row `rows[i]`. @param top how many of the likeliest tokens to report, ≥ 1
    Scores score(long[] rows, long[] ids, int top);

    @Override
    void close();

    /// Log-probabilities of some rows. @param own of the given ids @param rank of these ids, 1 is the likeliest
    /// @param best the likeliest ones of each row, descending @param bestIds their ids
    record Scores(float[] own, long[] rank, float[] best, long[] bestIds) {}
}
