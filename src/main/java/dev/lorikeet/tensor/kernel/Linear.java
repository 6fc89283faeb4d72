package dev.lorikeet.tensor.kernel;

import java.util.Optional;

/// Multiplies a few rows with the weights of linear layers that share their input.
interface Linear {
    /// A layer's weights and its results. @param w address of `[outputs, inputs]` @param y of `[rows, outputs]`, both contiguous bfloat16
    record Matrix(long w, int outputs, long y, Optional<LowRank> lowRank) {}

    /// What adapters add: `((x · aᵀ) ∘ mask) · b`. @param a address of `[ranks, inputs]` @param b of `[ranks, outputs]`
    /// @param mask of `[rows, ranks]`, all contiguous bfloat16
    record LowRank(long a, long b, long mask, int ranks) {
        float weight(int row, int rank) {
            return Bf16.get(mask + 2L * ((long) row * ranks + rank));
        }
    }

    /// `y = x · wᵀ` for each matrix, and what adapters add to it. @param x address of `[rows, inputs]` in bfloat16; inputs and outputs
    /// multiples of [Bf16#PAIRED]
    void multiply(long x, int rows, int inputs, Matrix... matrices);
}
