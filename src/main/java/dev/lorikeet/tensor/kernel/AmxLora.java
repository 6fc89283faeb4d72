package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.AmxLinear.GROUP;
import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;

import dev.lorikeet.tensor.kernel.Linear.LowRank;
import dev.lorikeet.tensor.kernel.Linear.Matrix;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
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
    static final class Inner {
        private float[] values = new float[0];
        private int[] ranks = new int[0];
        private int[] ends = new int[0];
        private LowRank lowRank;
        private int outputs;

        private void prepare(Matrix matrix, int rows) {
            lowRank = matrix.lowRank().get();
            outputs = matrix.outputs();
            if (values.length < rows * lowRank.ranks() || ends.length < rows) {
                values = new float[rows * lowRank.ranks()];
                ranks = new int[rows * lowRank.ranks()];
                ends = new int[rows];
            }
        }

        /// @param sums of a row's group, `[ranks, GROUP]`
        private void read(int row, long sums) {
            int end = row * lowRank.ranks();
            for (int rank = 0; rank < lowRank.ranks(); rank++) {
                float weight = lowRank.weight(row, rank);
                if (weight != 0) {
                    values[end] = weight * Bf16.MEMORY.get(ValueLayout.JAVA_FLOAT, sums + 4L * (rank * GROUP + row % GROUP));
                    ranks[end++] = rank;
                }
            }
            ends[row] = end;
        }

        /// Adds a row's part to the sums of some outputs from the n-th on, rounds and writes them.
        ///
        /// @param at place of the first sum in `block` @param distances of every other sum from it
        void storeSum(float[] block, int at, int[] distances, int row, int n, long y) {
            storeSum(block, at, distances, row * lowRank.ranks(), ends[row], lowRank.b() + 2L * n, y);
        }

        private void storeSum(float[] block, int at, int[] distances, int from, int to, long b, long y) {
            var even = FloatVector.fromArray(FLOATS, block, at, distances, 0);
            var odd = FloatVector.fromArray(FLOATS, block, at + GROUP, distances, 0);
            for (int i = from; i < to; i++) {
                var weight = FloatVector.broadcast(FLOATS, values[i]);
                var pairs = Bf16.pairs(b + 2L * ranks[i] * outputs);
                even = Bf16.even(pairs).fma(weight, even);
                odd = Bf16.odd(pairs).fma(weight, odd);
            }
            Bf16.store(y, even, odd);
        }
    }

    /// Before a product: makes room.
    void prepare(Matrix[] matrices, int rows) {
        if (layers.length < matrices.length) {
            layers = Stream.generate(Inner::new).limit(matrices.length).toArray(Inner[]::new);
        }
        ready = true;
        for (int m = 0; m < matrices.length; m++) {
            if (matrices[m].lowRank().isPresent()) {
                layers[m].prepare(matrices[m], rows);
                ready = false;
            }
        }
    }

    /// The inner products of all layers. @param x address of the packed rows @param groupBytes from one group of them to the next
    void compute(Matrix[] matrices, int rows, int inputs, long x, long groupBytes) {
        for (int m = 0; m < matrices.length; m++) {
            if (matrices[m].lowRank().isPresent()) {
                compute(layers[m], rows, inputs, x, groupBytes);
            }
        }
        ready = true;
    }

    private void compute(Inner inner, int rows, int inputs, long x, long groupBytes) {
        long sums = scratch.floats((long) inner.lowRank.ranks() * GROUP);
        for (int first = 0; first < rows; first += GROUP) {
            brgemm.multiply(inner.lowRank.ranks(), inputs, inputs, inner.lowRank.a(), x + first / GROUP * groupBytes, sums);
            for (int row = first; row < Math.min(rows, first + GROUP); row++) {
                inner.read(row, sums);
            }
        }
    }

    /// What is to be added to layer `m`. Waits for the inner products.
    Optional<Inner> of(Matrix matrix, int m) {
        if (matrix.lowRank().isEmpty()) {
            return Optional.empty();
        }
        while (!ready) {
            Thread.onSpinWait();
        }
        return Optional.of(layers[m]);
    }
}
