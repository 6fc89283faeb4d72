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
    private static final int TABLE = 16;

    private final TorchAbi abi;
    private final PackedLinear linear;

    PackedOperators(TorchAbi abi, ThreadTeam team) {
        this.abi = abi;
        this.linear = new PackedLinear(team);
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
        return operators;
    }

    private void int8(MemorySegment stack, int count) {
        multiply(stack, count, new Int8Format(), new Arguments(1, 2));
    }

    private void int4(MemorySegment stack, int count) {
        multiply(stack, count, new Int4Format((int) argument(stack, 1)), new Arguments(2, 2));
    }

    /// The program's tables are of bytes, `[256, 2]`: that of half a byte is its second column, as far as the upper half is zero.
    private void table(MemorySegment stack, int count) {
        long pairs = abi.data(argument(stack, 1));
        float[] values = new float[TABLE];
        for (int i = 0; i < TABLE; i++) {
            values[i] = Bf16.MEMORY.get(ValueLayout.JAVA_FLOAT, pairs + 8L * i + 4);
        }
        abi.delete(argument(stack, 1));
        multiply(stack, count, new TableFormat(values, (int) argument(stack, 2)), new Arguments(3, 5));
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
