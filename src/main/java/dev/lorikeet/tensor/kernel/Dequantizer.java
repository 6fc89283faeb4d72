package dev.lorikeet.tensor.kernel;

/// Whole matrices from weights of eight or four bits, for products of many rows, which libtorch computes: what its own operations take for
/// that is several times the product's time. A number is scaled in float32 and rounded once.
final class Dequantizer {
    /// Weights of one part of the work.
    private static final int PART = 32 * 1024;

    private final ThreadTeam team;

    Dequantizer(ThreadTeam team) {
        this.team = team;
    }

    /// How a packed matrix becomes numbers. An object serves all threads at once.
    interface Format {
        /// Outputs that are written together: a matrix has a multiple of them.
        int block();

        /// Writes some outputs to `matrix.y()`. @param from first output @param to the one behind the last
        void dequantize(PackedLinear.Matrix matrix, int inputs, int from, int to);
    }

    void run(Format format, PackedLinear.Matrix matrix, int inputs) {
        int perPart = Math.max(1, PART / inputs / format.block()) * format.block();
        team.runBeforeOthers((matrix.outputs() + perPart - 1) / perPart,
                (part, _) -> format.dequantize(matrix, inputs, part * perPart, Math.min(matrix.outputs(), (part + 1) * perPart)));
    }
}
