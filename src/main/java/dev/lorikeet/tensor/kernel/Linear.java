package dev.lorikeet.tensor.kernel;

/// Multiplies a few rows with the weights of linear layers that share their input.
interface Linear {
    /// A layer's weights and its results. @param w address of `[outputs, inputs]` @param y of `[rows, outputs]`, both contiguous bfloat16
    record Matrix(long w, int outputs, long y) {}

    /// `y = x · wᵀ` for each matrix. @param x address of `[rows, inputs]` in bfloat16; inputs and outputs multiples of [Bf16#PAIRED]
    void multiply(long x, int rows, int inputs, Matrix... matrices);
}
