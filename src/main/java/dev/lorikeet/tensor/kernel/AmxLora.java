package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.AmxLinear.GROUP;
import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.ORDER;

import dev.lorikeet.tensor.kernel.Linear.LowRank;
import dev.lorikeet.tensor.kernel.Linear.Matrix;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// What adapters add to the products of [AmxLinear], on the same registers. The caller of a product computes the inner products
/// `a · xᵀ` once, while its helpers already multiply weights; whoever needs them before that waits.
final class AmxLora {
    private final Brgemm brgemm;
    private final Scratch scratch = new Scratch();
    private long memory;
    private long[] offsets = new long[0];
    private float[] scales = new float[0];
    private volatile boolean ready;

    AmxLora(Brgemm brgemm) {
        this.brgemm = brgemm;
    }

    /// Before a product: makes room. @param groups of [AmxLinear#GROUP] rows
    void prepare(Matrix[] matrices, int groups) {
        offsets = new long[matrices.length];
        long floats = 0;
        for (int m = 0; m < matrices.length; m++) {
            offsets[m] = floats;
            floats += matrices[m].lowRank().map(lowRank -> floats(lowRank) * groups).orElse(0L);
        }
        memory = scratch.floats(floats);
        ready = floats == 0;
    }

    /// For one group of rows: sums `[ranks, GROUP]`, and behind them the same, masked and rounded, as `[ranks / 2, GROUP, 2]`.
    private static long floats(LowRank lowRank) {
        return (lowRank.ranks() + lowRank.ranks() / 2L) * GROUP;
    }

    private long group(Matrix matrix, int m, int group) {
        return memory + 4 * (offsets[m] + floats(matrix.lowRank().orElseThrow()) * group);
    }

    /// The inner products of all layers. @param x address of the packed rows @param groupBytes from one group of them to the next
    void compute(Matrix[] matrices, int rows, int inputs, long x, long groupBytes) {
        for (int m = 0; !ready && m < matrices.length; m++) {
            for (int first = 0; matrices[m].lowRank().isPresent() && first < rows; first += GROUP) {
                var lowRank = matrices[m].lowRank().get();
                long sums = group(matrices[m], m, first / GROUP);
                brgemm.multiply(lowRank.ranks(), inputs, inputs, lowRank.a(), x + first / GROUP * groupBytes, sums, false);
                mask(lowRank, first, Math.min(rows, first + GROUP), sums);
            }
        }
        ready = true;
    }

    private void mask(LowRank lowRank, int first, int end, long sums) {
        int ranks = lowRank.ranks();
        if (scales.length < ranks * GROUP) {
            scales = new float[ranks * GROUP];
        }
        Arrays.fill(scales, 0);
        for (int row = first; row < end; row++) {
            for (int rank = 0; rank < ranks; rank++) {
                scales[rank * GROUP + row - first] = Bf16.get(lowRank.mask() + 2L * ((long) row * ranks + rank));
            }
        }
        for (int rank = 0; rank < ranks; rank += 2) {
            Bf16.rounded(scaled(sums, rank), scaled(sums, rank + 1)).intoMemorySegment(Bf16.MEMORY, sums + 4L * (ranks + rank / 2) * GROUP, ORDER);
        }
    }

    /// A hidden rank is nothing, even where its sum is not finite.
    private FloatVector scaled(long sums, int rank) {
        var scale = FloatVector.fromArray(FLOATS, scales, rank * GROUP);
        return Bf16.load(sums + 4L * rank * GROUP).mul(scale).blend(0, scale.eq(0));
    }

    /// Adds to the sums `c` of some outputs of layer `m`, if it has an adapter.
    void add(Matrix matrix, int m, int group, int from, int to, long c) {
        if (matrix.lowRank().isEmpty()) {
            return;
        }
        while (!ready) {
            Thread.onSpinWait();
        }
        var lowRank = matrix.lowRank().get();
        int ranks = lowRank.ranks();
        brgemm.multiply(to - from, ranks, ranks, lowRank.b() + 2L * from * ranks, group(matrix, m, group) + 4L * ranks * GROUP, c, true);
    }
}
