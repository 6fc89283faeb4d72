package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.MEMORY;
import static dev.lorikeet.tensor.kernel.Bf16.ORDER;

import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// `y = x · wᵀ` in bfloat16 on matrix registers, summed in float32, for any number of rows. It computes `w · xᵀ`, so that the weights
/// are the operand that is read as it lies in memory; what is put in another order is `x` and `y`, which are small. Rows go in groups
/// of sixteen, filled up if need be: a row's bits depend on nothing but the row.
///
/// What adapters add is summed in the same place, before anything is rounded. A row that an adapter does not concern keeps its bits.
final class AmxLinear implements Linear {
    /// Rows that one product takes: the columns of a matrix register.
    static final int GROUP = 16;
    /// Outputs that become one vector of bfloat16 numbers.
    static final int BLOCK = 32;
    /// Weights of one part of the work: they stay in the second-level cache for all groups, and take longer than a hand-over.
    private static final int PART_BYTES = 80 * 1024;
    /// A line of a cache, and of a matrix register.
    private static final int LINE = 64;
    /// Lines of zeros before and behind the packed `x` of a group.
    private static final int MARGIN = LINE / 4;

    private static final int[] EVEN = everyOther();

    private final Brgemm brgemm;
    private final ThreadTeam team;
    private final Scratch packed = new Scratch();
    private final Scratch sums = new Scratch();
    private final AmxLora lora;
    private final float[][] blocks;

    AmxLinear(Brgemm brgemm, ThreadTeam team) {
        this.brgemm = brgemm;
        this.team = team;
        this.lora = new AmxLora(brgemm);
        this.blocks = new float[team.size()][GROUP * BLOCK];
    }

    @Override
    public void multiply(long x, int rows, int inputs, Matrix... matrices) {
        int groups = (rows + GROUP - 1) / GROUP;
        long b = pack(x, rows, inputs);
        int perPart = Math.max(BLOCK, PART_BYTES / (2 * inputs) / BLOCK * BLOCK);
        long perWorker = (long) perPart * GROUP;
        long memory = sums.floats(perWorker * team.size());
        int parts = 0;
        for (var matrix : matrices) {
            parts += parts(matrix, perPart);
        }
        lora.prepare(matrices, rows);
        team.run(parts, (part, worker) -> {
            int index = part;
            int m = 0;
            while (index >= parts(matrices[m], perPart)) {
                index -= parts(matrices[m++], perPart);
            }
            int from = index * perPart;
            int to = Math.min(matrices[m].outputs(), from + perPart);
            long c = memory + 4 * perWorker * worker;
            for (int group = 0; group < groups; group++) {
                product(matrices[m], from, to, inputs, b + group * groupBytes(inputs), c);
                int first = group * GROUP;
                for (int n = from; n < to; n += BLOCK) {
                    store(c + 4L * (n - from) * GROUP, blocks[worker], matrices[m], m, first, Math.min(rows, first + GROUP), n);
                }
            }
        }, () -> lora.compute(matrices, rows, inputs, b, groupBytes(inputs)));
        brgemm.release();
    }

    private static int parts(Matrix matrix, int perPart) {
        return (matrix.outputs() + perPart - 1) / perPart;
    }

    /// `c[n, row] = w[n] · x[row]` for some outputs. Weights that do not begin at a line are read from the line before, against an `x`
    /// that is shifted by as many zeros: a register's line that straddles two of memory takes twice the time. The first and last rows
    /// are read as they lie, since what is beyond them belongs to others.
    private void product(Matrix matrix, int from, int to, int inputs, long b, long c) {
        int offset = (int) (matrix.w() % LINE);
        int head = from == 0 ? BLOCK : 0;
        int tail = to == matrix.outputs() ? BLOCK : 0;
        if (offset == 0 || offset % 4 != 0 || to - from <= head + tail) {
            exactly(matrix, from, to, inputs, b, c);
            return;
        }
        if (head > 0) {
            exactly(matrix, from, from + head, inputs, b, c);
        }
        long w = matrix.w() + 2L * (from + head) * inputs - offset;
        brgemm.multiply(to - from - head - tail, inputs + LINE / 2, inputs, w, b - (long) offset / 4 * LINE, c + 4L * head * GROUP);
        if (tail > 0) {
            exactly(matrix, to - tail, to, inputs, b, c + 4L * (to - tail - from) * GROUP);
        }
    }

    private void exactly(Matrix matrix, int from, int to, int inputs, long b, long c) {
        brgemm.multiply(to - from, inputs, inputs, matrix.w() + 2L * from * inputs, b, c);
    }

    private static long groupBytes(int inputs) {
        return (inputs / 2 + 2L * MARGIN) * LINE;
    }

    /// @return address of `x` as `[groups, inputs / 2, GROUP, 2]`, with margins before, between and behind the groups; what fills up the
    /// last group is left undefined
    private long pack(long x, int rows, int inputs) {
        int groups = (rows + GROUP - 1) / GROUP;
        int pairs = inputs / 2;
        long memory = packed.floats(groups * groupBytes(inputs) / 4);
        var zero = IntVector.zero(Bf16.WORDS);
        for (int group = 0; group < groups; group++) {
            long start = memory + group * groupBytes(inputs);
            long data = start + MARGIN * LINE;
            for (int line = 0; line < MARGIN; line++) {
                zero.intoMemorySegment(MEMORY, start + line * LINE, ORDER);
                zero.intoMemorySegment(MEMORY, data + (long) (pairs + line) * LINE, ORDER);
            }
            for (int row = 0; row < Math.min(GROUP, rows - group * GROUP); row++) {
                packRow(x + 4L * (group * GROUP + row) * pairs, pairs, data + 4L * row);
            }
        }
        return memory + MARGIN * LINE;
    }

    private static void packRow(long source, int pairs, long target) {
        for (int pair = 0; pair < pairs; pair++) {
            MEMORY.set(ValueLayout.JAVA_INT_UNALIGNED, target + (long) pair * LINE, MEMORY.get(ValueLayout.JAVA_INT_UNALIGNED, source + 4L * pair));
        }
    }

    /// Adds what adapters bring to the sums `[BLOCK, GROUP]` of one block of outputs, rounds, and writes them as rows.
    private void store(long c, float[] block, Matrix matrix, int m, int first, int end, int n) {
        copy(c, block);
        var added = lora.of(matrix, m);
        for (int row = first; row < end; row++) {
            for (int output = 0; output < BLOCK; output += Bf16.PAIRED) {
                long y = matrix.y() + 2L * ((long) row * matrix.outputs() + n + output);
                int at = output * GROUP + row - first;
                if (added.isPresent()) {
                    added.get().storeSum(block, at, EVEN, row, n + output, y);
                } else {
                    store(block, at, y);
                }
            }
        }
    }

    private static void copy(long c, float[] block) {
        for (int at = 0; at < BLOCK * GROUP; at += FLOATS.length()) {
            Bf16.load(c + 4L * at).intoArray(block, at);
        }
    }

    private static void store(float[] block, int at, long y) {
        Bf16.store(y, FloatVector.fromArray(FLOATS, block, at, EVEN, 0), FloatVector.fromArray(FLOATS, block, at + GROUP, EVEN, 0));
    }

    /// Distances of every other number in a column of a block.
    private static int[] everyOther() {
        int[] distances = new int[FLOATS.length()];
        for (int i = 0; i < distances.length; i++) {
            distances[i] = i * 2 * GROUP;
        }
        return distances;
    }
}
