package dev.lorikeet.tensor.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Optional;

/// Registers the Java kernels with libtorch, once in a process. Each call is locked: scratch and team serve one at a time, the
/// engine's and rarely a trainer's.
public final class JavaKernels {
    private static final int BFLOAT16 = 15;
    /// Linear layers that one call takes at most.
    private static final int TOGETHER = 3;
    /// Registration belongs to the process, but dev mode and tests load this class more than once.
    private static final String REGISTERED = "dev.lorikeet.tensor.kernel.registered";
    private static final String ROWS = "dev.lorikeet.tensor.kernel.rows";
    /// Up to so many rows libtorch is slower, with matrix registers and without. docs/decisions/java-kernels.md has the numbers.
    private static final int AMX_ROWS = 16;
    private static final int VECTOR_ROWS = 4;
    private static final int PACKED_ROWS = 4;

    private final TorchAbi abi;
    private final Linear linear;
    private final DecodeAttention attention;
    private final Bf16Lora lora = new Bf16Lora();

    private JavaKernels(TorchAbi abi, ThreadTeam team, Optional<Brgemm> brgemm) {
        this.abi = abi;
        this.linear = brgemm.<Linear>map(product -> new AmxLinear(product, team)).orElseGet(() -> new Bf16Linear(team));
        this.attention = new DecodeAttention(team, brgemm);
    }

    /// Makes the operators known to libtorch.
    ///
    /// @param libtorchCpu the loaded `libtorch_cpu` @param threads that a kernel may use
    public static synchronized void register(Path libtorchCpu, int threads) {
        if (System.getProperties().putIfAbsent(REGISTERED, "true") != null) {
            return;
        }
        var lookup = SymbolLookup.libraryLookup(libtorchCpu, Arena.global());
        var abi = new TorchAbi(lookup);
        var brgemm = Bf16.PAIRED == AmxLinear.BLOCK ? Brgemm.find(lookup) : Optional.<Brgemm>empty();
        var team = new ThreadTeam(threads);
        var kernels = new JavaKernels(abi, team, brgemm);
        System.setProperty(ROWS, Integer.toString(brgemm.isPresent() ? AMX_ROWS : VECTOR_ROWS));
        var operators = new LinkedHashMap<String, TorchAbi.Kernel>();
        for (int count = 1; count <= TOGETHER; count++) {
            int matrices = count;
            operators.put(schema("linear", count, "Tensor x", ", Tensor w%d"), stack -> kernels.linear(stack, matrices, false));
            operators.put(schema("lora", count, "Tensor x", ", Tensor w%1$d, Tensor a%1$d, Tensor b%1$d, Tensor mask%1$d"), stack -> kernels.linear(stack, matrices, true));
        }
        operators.put("attend(Tensor q, Tensor k, Tensor v, Tensor slots, Tensor positions, int window, float scale, float softcap) -> Tensor",
                kernels::attend);
        operators.put("add_lora(Tensor y, Tensor x, Tensor a, Tensor b, Tensor mask) -> Tensor", kernels::addLora);
        new StepOperators(abi).all().forEach((schema, kernel) -> operators.put(schema, stack -> kernels.run(kernel, stack)));
        new PackedOperators(abi, team).all(TOGETHER).forEach((schema, kernel) -> operators.put(schema, stack -> kernels.run(kernel, stack)));
        abi.register("lorikeet", operators);
    }

    private synchronized void run(TorchAbi.Kernel kernel, MemorySegment stack) {
        kernel.run(stack);
    }

    /// The schema of an operator on some linear layers. @param first arguments for all @param each those for one, with its number
    static String schema(String name, int count, String first, String each) {
        var arguments = new StringBuilder(first);
        for (int i = 0; i < count; i++) {
            arguments.append(each.formatted(i));
        }
        String results = String.join(", ", Collections.nCopies(count, "Tensor"));
        return name + "_" + count + "(" + arguments + ") -> " + (count == 1 ? results : "(" + results + ")");
    }

    /// Whether this processor has vectors wide enough for the kernels to be worth it.
    public static boolean isSupported() {
        return Bf16.FLOATS.length() >= 8 && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    }

    /// Whether a matrix may have this many rows or columns, and a head this size.
    public static boolean fits(long size) {
        return size % Bf16.PAIRED == 0;
    }

    /// Whether packed weights may have this many inputs or outputs.
    public static boolean packs(long size) {
        return size % (4L * Bf16.FLOATS.length()) == 0;
    }

    /// Outputs that lie side by side in the layout of four bits that the kernels read.
    public static int packedOutputs() {
        return 4 * Bf16.FLOATS.length();
    }

    /// Steps of at most this many rows are to run on these kernels.
    public static int rows() {
        return Integer.getInteger(ROWS, 0);
    }

    /// The same where weights are packed.
    public static int packedRows() {
        return PACKED_ROWS;
    }

    /// Linear layers that share `x`, which stands before them on the stack: each of them is its weights, and with adapters A, B and mask,
    /// empty where there are none.
    private synchronized void linear(MemorySegment stack, int count, boolean adapted) {
        int each = adapted ? 4 : 1;
        long x = argument(stack, 0);
        int rows = (int) abi.size(x, 0);
        var matrices = new Linear.Matrix[count];
        long[] results = new long[count];
        for (int i = 0; i < count; i++) {
            int at = 1 + i * each;
            long w = argument(stack, at);
            int outputs = (int) abi.size(w, 0);
            results[i] = abi.matrix(rows, outputs, BFLOAT16);
            matrices[i] = new Linear.Matrix(abi.data(w), outputs, abi.data(results[i]), adapted ? lowRank(stack, at + 1) : Optional.empty());
        }
        linear.multiply(abi.data(x), rows, (int) abi.size(x, 1), matrices);
        for (int i = 0; i < 1 + count * each; i++) {
            abi.delete(argument(stack, i));
        }
        for (int i = 0; i < count; i++) {
            stack.setAtIndex(ValueLayout.JAVA_LONG, i, results[i]);
        }
    }

    private Optional<Linear.LowRank> lowRank(MemorySegment stack, int at) {
        long a = argument(stack, at);
        int ranks = (int) abi.size(a, 0);
        return ranks == 0 ? Optional.empty()
                : Optional.of(new Linear.LowRank(abi.data(a), abi.data(argument(stack, at + 1)), abi.data(argument(stack, at + 2)), ranks));
    }

    private synchronized void attend(MemorySegment stack) {
        long q = argument(stack, 0);
        long k = argument(stack, 1);
        long v = argument(stack, 2);
        long slots = argument(stack, 3);
        long positions = argument(stack, 4);
        int rows = (int) abi.size(q, 0);
        var shape = new DecodeAttention.Shape((int) abi.size(q, 1), (int) abi.size(k, 1), (int) abi.size(k, 3), (int) abi.size(k, 2),
                (int) argument(stack, 5), (float) Double.longBitsToDouble(argument(stack, 6)), (float) Double.longBitsToDouble(argument(stack, 7)));
        long out = abi.matrix(rows, (long) shape.heads() * shape.size(), BFLOAT16);
        attention.attend(shape, abi.data(q), abi.data(k), abi.data(v), abi.data(slots), abi.data(positions), rows, abi.data(out));
        for (long tensor : new long[] {q, k, v, slots, positions}) {
            abi.delete(tensor);
        }
        stack.setAtIndex(ValueLayout.JAVA_LONG, 0, out);
    }

    /// Adds to `y` in place and gives it back.
    private synchronized void addLora(MemorySegment stack) {
        long y = argument(stack, 0);
        long x = argument(stack, 1);
        lowRank(stack, 2).ifPresent(lowRank ->
                lora.add(abi.data(y), abi.data(x), lowRank, (int) abi.size(x, 0), (int) abi.size(x, 1), (int) abi.size(y, 1)));
        for (int i = 1; i < 5; i++) {
            abi.delete(argument(stack, i));
        }
        stack.setAtIndex(ValueLayout.JAVA_LONG, 0, y);
    }

    private static long argument(MemorySegment stack, int index) {
        return stack.getAtIndex(ValueLayout.JAVA_LONG, index);
    }
}
