package dev.lorikeet.merge;

import dev.lorikeet.tensor.MergeMath;
import dev.lorikeet.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;

/// What an adapter does to some rows of a tensor of the checkpoint. Arithmetic: `merge` and `get_delta_weight` of PEFT's
/// `lora/layer.py` and `lora/dora.py`, but in float32, so that the result is rounded once.
sealed interface Edit {
    /// The first row that changes.
    long row();

    /// How many do.
    long rows();

    default boolean covers(long from) {
        return from >= row() && from < row() + rows();
    }

    /// Other rows in the place of the base's.
    record Whole(long row, Block values) implements Edit {
        @Override
        public long rows() {
            return values.rows();
        }
    }

    /// An edit that computes with what is there before it.
    sealed interface Change extends Edit {
        /// @param rows those of the tensor from row `from` on, `count` of them; all lie within this edit
        Tensor apply(MergeMath math, Tensor rows, long from, long count);
    }

    /// `W + s B A`, and with magnitudes DoRA. @param a `[r, in]` @param b `[rows, r]` @param magnitude `[rows]`
    record LowRank(long row, Block a, Block b, double scale, Optional<Block> magnitude) implements Change {
        @Override
        public long rows() {
            return b.rows();
        }

        @Override
        public Tensor apply(MergeMath math, Tensor rows, long from, long count) {
            var own = b.rows(from - row, count).float32(math);
            return math.withLowRank(rows, a.float32(math), own, scale, magnitude.map(m -> m.rows(from - row, count).float32(math)));
        }
    }

    /// `E + s (B A)ᵀ` of an embedding. @param a `[r, vocab]` @param b `[hidden, r]`
    record EmbeddingLowRank(Block a, Block b, double scale) implements Change {
        @Override
        public long row() {
            return 0;
        }

        @Override
        public long rows() {
            return a.shape()[1];
        }

        @Override
        public Tensor apply(MergeMath math, Tensor rows, long from, long count) {
            var perToken = math.columns(a.float32(math), from, count);
            return math.withLowRank(rows, math.columns(b.float32(math), 0, b.shape()[1]), perToken, scale, Optional.empty());
        }
    }

    /// Numbers that are added to a bias.
    record Shift(long row, float[] values) implements Change {
        @Override
        public long rows() {
            return values.length;
        }

        @Override
        public Tensor apply(MergeMath math, Tensor rows, long from, long count) {
            int start = (int) (from - row);
            return math.sum(rows, math.vector(Arrays.copyOfRange(values, start, start + (int) count)));
        }
    }
}
