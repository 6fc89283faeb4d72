package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.MEMORY;
import static dev.lorikeet.tensor.kernel.Bf16.ORDER;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.IntVector;

/// `y = x · wᵀ` in bfloat16 on matrix registers, summed in float32, for any number of rows. It computes `w · xᵀ`, so that the weights
/// are the operand that is read as it lies in memory; what is put in another order is `x` and `y`, which are small. Rows go in groups
/// of sixteen, filled up if need be: a row's bits depend on nothing but the row.
final class AmxLinear implements Linear {
    private static final int GROUP = 16;
    /// Outputs that become one vector of bfloat16 numbers.
    static final int BLOCK = 32;
    /// Weights of one part of the work: they stay in the second-level cache for all groups, and take longer than a hand-over.
    private static final int PART_BYTES = 80 * 1024;

    private static final int[] BLOCK_STRIDE = stride(GROUP);

    private final Brgemm brgemm;
    private final ThreadTeam team;
    private final Scratch packed = new Scratch();
    private final Scratch sums = new Scratch();
    private int[] words = new int[0];
    private final int[][] blocks;

    AmxLinear(Brgemm brgemm, ThreadTeam team) {
        this.brgemm = brgemm;
        this.team = team;
        this.blocks = new int[team.size()][GROUP * BLOCK / 2];
    }

    @Override
    public void multiply(long x, int rows, int inputs, Matrix... matrices) {
        long b = pack(x, rows, inputs);
        int perPart = Math.max(BLOCK, PART_BYTES / (2 * inputs) / BLOCK * BLOCK);
        long perWorker = (long) perPart * GROUP;
        long memory = sums.floats(perWorker * team.size());
        int parts = 0;
        for (var matrix : matrices) {
            parts += parts(matrix, perPart);
        }
        team.run(parts, (part, worker) -> {
            int index = part;
            int m = 0;
            while (index >= parts(matrices[m], perPart)) {
                index -= parts(matrices[m++], perPart);
            }
            int from = index * perPart;
            int to = Math.min(matrices[m].outputs(), from + perPart);
            for (int first = 0; first < rows; first += GROUP) {
                long c = memory + 4 * perWorker * worker;
                brgemm.multiply(to - from, GROUP, inputs, matrices[m].w() + 2L * from * inputs, b + 2L * first * inputs, c);
                for (int n = from; n < to; n += BLOCK) {
                    store(c + 4L * (n - from) * GROUP, blocks[worker], matrices[m], first, Math.min(rows, first + GROUP), n);
                }
            }
        });
        brgemm.release();
    }

    private static int parts(Matrix matrix, int perPart) {
        return (matrix.outputs() + perPart - 1) / perPart;
    }

    /// @return address of `x` as `[groups, inputs / 2, GROUP, 2]`
    private long pack(long x, int rows, int inputs) {
        int groups = (rows + GROUP - 1) / GROUP;
        int pairs = inputs / 2;
        if (words.length < groups * GROUP * pairs) {
            words = new int[groups * GROUP * pairs];
        }
        MemorySegment.copy(MEMORY, ValueLayout.JAVA_INT_UNALIGNED, x, words, 0, rows * pairs);
        long target = packed.floats((long) groups * GROUP * pairs);
        int[] stride = stride(pairs);
        for (int group = 0; group < groups; group++) {
            for (int pair = 0; pair < pairs; pair++) {
                for (int row = 0; row < GROUP; row += stride.length) {
                    IntVector.fromArray(Bf16.WORDS, words, (group * GROUP + row) * pairs + pair, stride, 0)
                            .intoMemorySegment(MEMORY, target + 4L * ((group * pairs + pair) * GROUP + row), ORDER);
                }
            }
        }
        return target;
    }

    /// Distances of neighbours in a column from its beginning.
    private static int[] stride(int columns) {
        int[] stride = new int[Bf16.WORDS.length()];
        for (int i = 0; i < stride.length; i++) {
            stride[i] = i * columns;
        }
        return stride;
    }

    /// Rounds the sums `[BLOCK, GROUP]` of one block of outputs and writes them as rows.
    private static void store(long c, int[] block, Matrix matrix, int first, int end, int n) {
        int lanes = Bf16.WORDS.length();
        for (int pair = 0; pair < BLOCK / 2; pair++) {
            for (int row = 0; row < GROUP; row += lanes) {
                long even = c + 4L * (2 * pair * GROUP + row);
                Bf16.rounded(Bf16.load(even), Bf16.load(even + 4 * GROUP)).intoArray(block, pair * GROUP + row);
            }
        }
        for (int row = first; row < end; row++) {
            long target = matrix.y() + 2L * ((long) row * matrix.outputs() + n);
            for (int word = 0; word < BLOCK / 2; word += lanes) {
                IntVector.fromArray(Bf16.WORDS, block, word * GROUP + row - first, BLOCK_STRIDE, 0).intoMemorySegment(MEMORY, target + 4L * word, ORDER);
            }
        }
    }
}
