package dev.lorikeet.tensor.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/// Linear layers of eight and four bits as operators of libtorch. The program calls them where every size fits
/// ([JavaKernels#packs]).
final class PackedOperators {
    private static final int BFLOAT16 = 15;
    private static final int FLOAT32 = 6;
    private static final int TABLE = 16;

    private final TorchAbi abi;
    private final PackedLinear linear;
    private final Dequantizer dequantizer;

    PackedOperators(TorchAbi abi, ThreadTeam team) {
        this.abi = abi;
        this.linear = new PackedLinear(team);
        this.dequantizer = new Dequantizer(team);
    }

    /// By their schemas. @param together linear layers that one call takes at most
    SequencedMap<String, TorchAbi.Kernel> all(int together) {
        var operators = new LinkedHashMap<String, TorchAbi.Kernel>();
        for (int count = 1; count <= together; count++) {
            int matrices = count;
            operators.put(JavaKernels.schema("int8_linear", count, "Tensor x", ", Tensor w%1$d, Tensor scales%1$d"), stack -> int8(stack, matrices));
            operators.put(JavaKernels.schema("int4_linear", count, "Tensor x, int group", ", Tensor w%1$d, Tensor scales%1$d"), stack -> int4(stack, matrices));
            operators.put(JavaKernels.schema("table_linear", count, "Tensor x, Tensor table, int block",
                    ", Tensor w%1$d, Tensor scales%1$d, Tensor largest%1$d, Tensor map%1$d, Tensor offset%1$d"), stack -> table(stack, matrices));
        }
        operators.put("int8_matrix(Tensor w, Tensor scales) -> Tensor", this::int8Matrix);
        operators.put("int4_matrix(int group, Tensor w, Tensor scales) -> Tensor", this::int4Matrix);
        operators.put("table_matrix(Tensor table, int block, bool single, Tensor w, Tensor scales, Tensor largest, Tensor map, Tensor offset) -> Tensor",
                this::tableMatrix);
        return operators;
    }

    /// Without scales it gives the codes.
    private void int8Matrix(MemorySegment stack) {
        long w = argument(stack, 0);
        long scales = argument(stack, 1);
        int outputs = (int) abi.size(w, 0);
        int inputs = (int) abi.size(w, 1);
        long y = abi.matrix(outputs, inputs, BFLOAT16);
        long address = abi.size(scales, 0) == 0 ? 0 : abi.data(scales);
        dequantizer.run(new Int8Format(), new PackedLinear.Matrix(abi.data(w), address, Optional.empty(), outputs, abi.data(y)), inputs);
        finish(stack, 0, 2, y);
    }

    private void int4Matrix(MemorySegment stack) {
        long w = argument(stack, 1);
        int outputs = (int) abi.size(w, 0);
        int inputs = (int) abi.size(w, 1) * 2;
        long y = abi.matrix(inputs, outputs, BFLOAT16);
        var matrix = new PackedLinear.Matrix(abi.data(w), abi.data(argument(stack, 2)), Optional.empty(), outputs, abi.data(y));
        dequantizer.run(new Int4Format((int) argument(stack, 0)), matrix, inputs);
        finish(stack, 1, 3, y);
    }

    private void tableMatrix(MemorySegment stack) {
        var format = new TableFormat(values(stack, 0), (int) argument(stack, 1));
        // Of a flag only the lowest byte of its 64 bits is set.
        boolean single = (argument(stack, 2) & 0xFF) != 0;
        long w = argument(stack, 3);
        int outputs = (int) abi.size(w, 0);
        int inputs = (int) abi.size(w, 1) * 2;
        long y = abi.matrix(outputs, inputs, single ? FLOAT32 : BFLOAT16);
        var matrix = new PackedLinear.Matrix(abi.data(w), abi.data(argument(stack, 4)), nested(stack, 5), outputs, abi.data(y));
        dequantizer.run(single ? format.single() : format, matrix, inputs);
        finish(stack, 3, 8, y);
    }

    /// Gives the tensors back that were handed over, and hands over the result.
    private void finish(MemorySegment stack, int from, int to, long result) {
        for (int i = from; i < to; i++) {
            abi.delete(argument(stack, i));
        }
        stack.setAtIndex(ValueLayout.JAVA_LONG, 0, result);
    }

    private void int8(MemorySegment stack, int count) {
        multiply(stack, count, new Int8Format(), new Arguments(1, 2));
    }

    private void int4(MemorySegment stack, int count) {
        multiply(stack, count, new Int4Format((int) argument(stack, 1)), new Arguments(2, 2));
    }

    private void table(MemorySegment stack, int count) {
        multiply(stack, count, new TableFormat(values(stack, 1), (int) argument(stack, 2)), new Arguments(3, 5));
    }

    /// The program's tables are of bytes, `[256, 2]`: that of half a byte is its second column, as far as the upper half is zero. Gives the
    /// table back.
    private float[] values(MemorySegment stack, int index) {
        long pairs = abi.data(argument(stack, index));
        float[] values = new float[TABLE];
        for (int i = 0; i < TABLE; i++) {
            values[i] = Bf16.MEMORY.get(ValueLayout.JAVA_FLOAT, pairs + 8L * i + 4);
        }
        abi.delete(argument(stack, index));
        return values;
    }

    /// Where a call has its matrices. @param first of the first one @param each arguments of one
    private record Arguments(int first, int each) {}

    private void multiply(MemorySegment stack, int count, PackedLinear.Format format, Arguments arguments) {
        long x = argument(stack, 0);
        int rows = (int) abi.size(x, 0);
        var matrices = new PackedLinear.Matrix[count];
        long[] results = new long[count];
        for (int i = 0; i < count; i++) {
            int at = arguments.first() + i * arguments.each();
            long w = argument(stack, at);
            int outputs = (int) abi.size(w, 0);
            results[i] = abi.matrix(rows, outputs, BFLOAT16);
            var nested = arguments.each() > 2 ? nested(stack, at + 2) : Optional.<PackedLinear.Nested>empty();
            matrices[i] = new PackedLinear.Matrix(abi.data(w), abi.data(argument(stack, at + 1)), nested, outputs, abi.data(results[i]));
        }
        linear.multiply(format, abi.data(x), rows, (int) abi.size(x, 1), matrices);
        abi.delete(x);
        for (int i = arguments.first(); i < arguments.first() + count * arguments.each(); i++) {
            abi.delete(argument(stack, i));
        }
        for (int i = 0; i < count; i++) {
            stack.setAtIndex(ValueLayout.JAVA_LONG, i, results[i]);
        }
    }

    private Optional<PackedLinear.Nested> nested(MemorySegment stack, int at) {
        long largest = argument(stack, at);
        return abi.size(largest, 0) == 0 ? Optional.empty()
                : Optional.of(new PackedLinear.Nested(abi.data(largest), abi.data(argument(stack, at + 1)), abi.data(argument(stack, at + 2))));
    }

    private static long argument(MemorySegment stack, int index) {
        return stack.getAtIndex(ValueLayout.JAVA_LONG, index);
    }
}
