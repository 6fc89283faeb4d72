package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.AmxLinear.GROUP;
import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;

import dev.lorikeet.tensor.kernel.Linear.LowRank;
import dev.lorikeet.tensor.kernel.Linear.Matrix;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;

/// What adapters add to the products of [AmxLinear]. The caller of a product computes the inner products `a · xᵀ` on matrix registers,
/// while its helpers already multiply weights; whoever needs them before that waits. With `b` they are multiplied on vectors, as each
/// sum is stored: a rank of 16 is too small for a call of its own, and ranks that a row's mask hides cost nothing.
final class AmxLora {
    private final Brgemm brgemm;
    private final Scratch scratch = new Scratch();
    private Inner[] layers = new Inner[0];
    private volatile boolean ready;

    AmxLora(Brgemm brgemm) {
        this.brgemm = brgemm;
    }

    /// The inner products of a layer's rows that their masks do not hide.
    private static final class Inner {
        private float[] values = new float[0];
        private int[] ranks = new int[0];
        private int[] ends = new int[0];

        void prepare(int rows, int all) {
            if (values.length < rows * all || ends.length < rows) {
                values = new float[rows * all];
                ranks = new int[rows * all];
                ends = new int[rows];
            }
            Arrays.fill(ends, 0, rows, 0);
        }

        /// @param sums of a row's group, `[all, GROUP]`
        void read(LowRank lowRank, int row, long sums) {
            int all = lowRank.ranks();
            int end = row * all;
            for (int rank = 0; rank < all; rank++) {
                float weight = lowRank.weight(row, rank);
                if (weight != 0) {
                    values[end] = weight * Bf16.MEMORY.get(ValueLayout.JAVA_FLOAT, sums + 4L * (rank * GROUP + row % GROUP));
                    ranks[end++] = rank;
                }
            }
            ends[row] = end;
        }
    }

    /// Before a product: makes room.
    void prepare(Matrix[] matrices, int rows) {
        if (layers.length < matrices.length) {
            layers = Stream.generate(Inner::new).limit(matrices.length).toArray(Inner[]::new);
        }
        ready = true;
        for (int m = 0; m < matrices.length; m++) {
            int ranks = matrices[m].lowRank().map(LowRank::ranks).orElse(0);
            layers[m].prepare(rows, ranks);
            ready &= ranks == 0;
        }
    }

    /// The inner products of all layers. @param x address of the packed rows @param groupBytes from one group of them to the next
    void compute(Matrix[] matrices, int rows, int inputs, long x, long groupBytes) {
        for (int m = 0; !ready && m < matrices.length; m++) {
            if (matrices[m].lowRank().isPresent()) {
                compute(matrices[m].lowRank().get(), layers[m], rows, inputs, x, groupBytes);
            }
        }
        ready = true;
    }

    private void compute(LowRank lowRank, Inner inner, int rows, int inputs, long x, long groupBytes) {
        long sums = scratch.floats((long) lowRank.ranks() * GROUP);
        for (int first = 0; first < rows; first += GROUP) {
            brgemm.multiply(lowRank.ranks(), inputs, inputs, lowRank.a(), x + first / GROUP * groupBytes, sums);
            for (int row = first; row < Math.min(rows, first + GROUP); row++) {
                inner.read(lowRank, row, sums);
            }
        }
    }

    /// Adds a row's part to the sums of some outputs of layer `m`, rounds and writes them. @param n the first output @param even, odd sums
    void storeSum(Matrix matrix, int m, int row, int n, FloatVector even, FloatVector odd) {
        long y = matrix.y() + 2L * ((long) row * matrix.outputs() + n);
        if (matrix.lowRank().isEmpty()) {
            Bf16.store(y, even, odd);
            return;
        }
        while (!ready) {
            Thread.onSpinWait();
        }
        var lowRank = matrix.lowRank().get();
        storeSum(layers[m], row * lowRank.ranks(), layers[m].ends[row], lowRank.b() + 2L * n, matrix.outputs(), y, even, odd);
    }

    private static void storeSum(Inner inner, int from, int to, long b, int outputs, long y, FloatVector even, FloatVector odd) {
        for (int i = from; i < to; i++) {
            var weight = FloatVector.broadcast(FLOATS, inner.values[i]);
            var pairs = Bf16.pairs(b + 2L * inner.ranks[i] * outputs);
            even = Bf16.even(pairs).fma(weight, even);
            odd = Bf16.odd(pairs).fma(weight, odd);
        }
        Bf16.store(y, even, odd);
    }
}
