package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.MEMORY;

import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// `y = x · wᵀ` for a few rows of `x` in bfloat16 and weights of eight or four bits, summed in float32. As with bfloat16 weights, each
/// weight is read from memory once. A row is computed in the same order whatever goes with it, so its bits do not depend on its company.
final class PackedLinear {
    /// Weights of one part of the work: they fit the first-level cache, and take longer than the hand-over to another thread.
    private static final int PART_BYTES = 16 * 1024;

    private final ThreadTeam team;
    private final float[][] workspaces;
    private float[] spread = new float[0];

    PackedLinear(ThreadTeam team) {
        this.team = team;
        this.workspaces = new float[team.size()][0];
    }

    /// A layer's weights and its results. @param w address of the packed weights @param scales address of what scales them
    /// @param nested how scales in eight bits are read @param outputs rows of the matrix @param y address of `[rows, outputs]` in bfloat16
    record Matrix(long w, long scales, Optional<Nested> nested, int outputs, long y) {
        long y(int row, int output) {
            return y + 2L * ((long) row * outputs + output);
        }

        /// The scale of a block of weights.
        float scale(long block) {
            return nested.isPresent() ? nested.get().scale(scales, block) : MEMORY.get(ValueLayout.JAVA_FLOAT_UNALIGNED, scales + 4 * block);
        }
    }

    /// Scales that are quantised in turn: `map[code] · largest + offset`, with a largest value for 256 of them.
    /// @param largest, map addresses of floats @param offset address of one
    record Nested(long largest, long map, long offset) {
        float scale(long codes, long block) {
            int code = MEMORY.get(ValueLayout.JAVA_BYTE, codes + block) & 0xFF;
            return get(map + 4L * code) * get(largest + 4 * (block / 256)) + get(offset);
        }

        private static float get(long address) {
            return MEMORY.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
        }
    }

    /// How weights are packed. An object serves all threads at once.
    interface Format {
        /// Outputs that are computed together: a matrix has a multiple of them.
        int block();

        /// Bytes of one output's weights.
        int bytes(int inputs);

        /// Writes a row of `x` as floats in the order in which [#multiply] reads it.
        void spread(long x, int inputs, float[] spread, int at);

        /// Floats that a spread row takes.
        int floats(int inputs);

        /// Floats that [#multiply] needs to work in.
        int workspace(int inputs);

        /// The products of all rows with some outputs. @param x the spread rows @param from first output @param to the one behind the last
        /// @param workspace of the thread's own
        void multiply(float[] x, int rows, int inputs, Matrix matrix, int from, int to, float[] workspace);
    }

    /// @param x address of `[rows, inputs]` in bfloat16
    void multiply(Format format, long x, int rows, int inputs, Matrix... matrices) {
        int floats = format.floats(inputs);
        if (spread.length < rows * floats) {
            spread = new float[rows * floats];
        }
        for (int worker = 0; worker < workspaces.length; worker++) {
            if (workspaces[worker].length < format.workspace(inputs)) {
                workspaces[worker] = new float[format.workspace(inputs)];
            }
        }
        float[] floatRows = spread;
        for (int row = 0; row < rows; row++) {
            format.spread(x + 2L * row * inputs, inputs, floatRows, row * floats);
        }
        int perPart = Math.max(1, PART_BYTES / format.bytes(inputs) / format.block()) * format.block();
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
            format.multiply(floatRows, rows, inputs, matrices[m], from, Math.min(matrices[m].outputs(), from + perPart), workspaces[worker]);
        });
    }

    private static int parts(Matrix matrix, int perPart) {
        return (matrix.outputs() + perPart - 1) / perPart;
    }
}
