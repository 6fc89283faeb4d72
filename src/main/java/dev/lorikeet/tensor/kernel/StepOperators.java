package dev.lorikeet.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What stands between the products of a layer, each as one operator of libtorch: it has many for each, and calling them takes longer than
/// a few rows are worth.
final class StepOperators {
    private static final int BFLOAT16 = 15;

    private final TorchAbi abi;

    StepOperators(TorchAbi abi) {
        this.abi = abi;
    }

    /// By their schemas.
    SequencedMap<String, TorchAbi.Kernel> all() {
        var operators = new LinkedHashMap<String, TorchAbi.Kernel>();
        operators.put("rms_norm(Tensor x, Tensor w, float epsilon, bool one_plus) -> Tensor", this::rmsNorm);
        operators.put("add_rms_norm(Tensor x, Tensor y, Tensor w, float epsilon, bool one_plus) -> (Tensor, Tensor)", this::addRmsNorm);
        operators.put("gated(Tensor gate, Tensor up, bool gelu) -> Tensor", this::gated);
        operators.put("rotate_append(Tensor q, Tensor key, Tensor value, Tensor cos, Tensor sin, Tensor k, Tensor v, Tensor slots, Tensor positions) -> Tensor",
                this::rotateAppend);
        return operators;
    }

    private void rmsNorm(MemorySegment stack) {
        long x = argument(stack, 0);
        long w = argument(stack, 1);
        long rows = abi.size(x, 0);
        long width = abi.size(x, 1);
        long y = abi.matrix(rows, width, BFLOAT16);
        RmsNorm.apply(abi.data(x), abi.data(w), rows, width, number(stack, 2), flag(stack, 3), abi.data(y));
        finish(stack, 2, y);
    }

    /// The sum, and its norm.
    private void addRmsNorm(MemorySegment stack) {
        long x = argument(stack, 0);
        long rows = abi.size(x, 0);
        long width = abi.size(x, 1);
        long sum = abi.matrix(rows, width, BFLOAT16);
        long y = abi.matrix(rows, width, BFLOAT16);
        Elementwise.add(abi.data(x), abi.data(argument(stack, 1)), rows * width, abi.data(sum));
        RmsNorm.apply(abi.data(sum), abi.data(argument(stack, 2)), rows, width, number(stack, 3), flag(stack, 4), abi.data(y));
        finish(stack, 3, sum, y);
    }

    private void gated(MemorySegment stack) {
        long gate = argument(stack, 0);
        long rows = abi.size(gate, 0);
        long width = abi.size(gate, 1);
        long y = abi.matrix(rows, width, BFLOAT16);
        Elementwise.gate(abi.data(gate), abi.data(argument(stack, 1)), rows * width, flag(stack, 2), abi.data(y));
        finish(stack, 2, y);
    }

    private void rotateAppend(MemorySegment stack) {
        long q = argument(stack, 0);
        long k = argument(stack, 5);
        var rotary = new Rotary((int) abi.size(k, 3), (int) abi.size(argument(stack, 3), 3), abi.data(argument(stack, 3)), abi.data(argument(stack, 4)));
        var cache = new Rotary.Cache(abi.data(k), abi.data(argument(stack, 6)), (int) abi.size(k, 1), (int) abi.size(k, 2),
                abi.data(argument(stack, 7)), abi.data(argument(stack, 8)));
        int rows = (int) abi.size(q, 0);
        int width = (int) abi.size(q, 1);
        long y = abi.matrix(rows, width, BFLOAT16);
        for (int row = 0; row < rows; row++) {
            rotary.rotate(row, abi.data(q) + 2L * row * width, width, abi.data(y) + 2L * row * width);
        }
        rotary.append(cache, rows, abi.data(argument(stack, 1)), abi.data(argument(stack, 2)));
        finish(stack, 9, y);
    }

    /// Gives the tensors back that were handed over, and hands over the results.
    private void finish(MemorySegment stack, int tensors, long... results) {
        for (int i = 0; i < tensors; i++) {
            abi.delete(argument(stack, i));
        }
        for (int i = 0; i < results.length; i++) {
            stack.setAtIndex(ValueLayout.JAVA_LONG, i, results[i]);
        }
    }

    private static double number(MemorySegment stack, int index) {
        return Double.longBitsToDouble(argument(stack, index));
    }

    /// Of a flag only the lowest byte of its 64 bits is set.
    private static boolean flag(MemorySegment stack, int index) {
        return (argument(stack, index) & 0xFF) != 0;
    }

    private static long argument(MemorySegment stack, int index) {
        return stack.getAtIndex(ValueLayout.JAVA_LONG, index);
    }
}
