package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import dev.lorikeet.model.Fixtures;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// What is kept of an adapter must live on when the intermediate tensors and the memory below them are gone.
class TensorMathTest {
    private static final float[] NUMBERS = {1, -2, 3, 0.5f};

    private static long address(NDArray array) {
        return MemorySegment.ofBuffer(array.toByteBuffer(true)).address();
    }

    private static void requireOwnMemory(Function<TensorMath, Tensor> make, float... expected) {
        try (var base = Fixtures.load("llama", "float32"); var kept = TensorOwner.open(new TensorDevice.Cpu());
                var scratch = TensorOwner.open(new TensorDevice.Cpu())) {
            var tensor = make.apply(new TensorMath(base.script(), kept, scratch));
            assertThat(tensor.toFloats()).containsExactly(expected);
            assertThat(scratch.manager().getManagedArrays()).isNotEmpty()
                    .allSatisfy(array -> assertThat(address(array)).isNotEqualTo(address(tensor.array())));
        }
    }

    @Test
    void aKeptRowIsACopy() {
        requireOwnMemory(math -> math.row(NUMBERS, ElementType.FLOAT32), NUMBERS);
    }

    @Test
    void aKeptCopyIsACopyAlsoWithoutAChangeOfType() {
        try (var arena = Arena.ofConfined()) {
            var bytes = arena.allocateFrom(ValueLayout.JAVA_FLOAT, NUMBERS);
            requireOwnMemory(math -> math.copied(bytes, ElementType.FLOAT32, ElementType.FLOAT32, 2, 2), NUMBERS);
        }
    }

    @Test
    void aKeptTransposeIsACopy() {
        try (var arena = Arena.ofConfined()) {
            var bytes = arena.allocateFrom(ValueLayout.JAVA_FLOAT, NUMBERS);
            requireOwnMemory(math -> math.transposed(math.float32(bytes, ElementType.FLOAT32, 2, 2), 2, ElementType.FLOAT32), 2, 6, -4, 1);
        }
    }
}
