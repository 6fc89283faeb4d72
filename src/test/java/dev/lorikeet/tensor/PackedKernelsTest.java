package dev.lorikeet.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The kernels for weights of eight and four bits, and those between the products, against libtorch in float32 on what the codes stand
/// for. What differs is one rounding of the result.
class PackedKernelsTest {
    private static Script compile() {
        Torch.enterThread(false);
        return Script.compile(new TensorDevice.Cpu(), List.of("kernels.py"), Map.of(), new LinkedHashMap<>());
    }

    private static IValue random(TensorOwner owner, long... shape) {
        return IValue.from((PtNDArray) owner.manager().randomNormal(new Shape(shape)));
    }

    private static void agree(Tensor[] results) {
        float[] ours = results[0].toFloats();
        float[] expected = results[1].toFloats();
        assertThat(ours).hasSameSizeAs(expected);
        for (int i = 0; i < ours.length; i++) {
            assertThat(ours[i]).isCloseTo(expected[i], within(0.005f * (1 + Math.abs(expected[i]))));
        }
    }

    /// Layers in one call give the bits of each alone, and a row those that it has without those behind it.
    private static void agreeWhateverGoesWithThem(Tensor[] results) {
        agree(results);
        assertThat(results[3].toFloats()).isEqualTo(results[2].toFloats());
        float[] all = results[0].toFloats();
        for (int i = 4; i < results.length; i++) {
            float[] some = results[i].toFloats();
            assertThat(some).as("rows %d", i - 3).isEqualTo(Arrays.copyOf(all, some.length));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,64,64", "2,576,192", "3,1536,576", "4,64,12", "7,128,68", "16,576,1536", "1,1536,4096"})
    void eightBits(int rows, int inputs, int outputs) {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu()); var x = random(owner, rows, inputs);
                var n = IValue.from((long) outputs)) {
            agreeWhateverGoesWithThem(script.run(owner, "int8", x, n));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,64,64,32", "2,576,192,32", "3,1536,576,64", "4,64,128,64", "7,128,64,128", "16,576,1536,32", "1,1536,4096,256"})
    void fourBitsInGroups(int rows, int inputs, int outputs, int group) {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu()); var x = random(owner, rows, inputs);
                var n = IValue.from((long) outputs); var size = IValue.from((long) group)) {
            agreeWhateverGoesWithThem(script.run(owner, "int4", x, n, size));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,64,64,64,false", "2,576,192,64,true", "3,1536,576,64,false", "4,64,2,32,true", "7,128,66,128,false", "16,576,1536,64,true"})
    void fourBitsOfTable(int rows, int inputs, int outputs, int block, boolean nested) {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu()); var x = random(owner, rows, inputs);
                var n = IValue.from((long) outputs); var size = IValue.from((long) block); var twice = IValue.from(nested)) {
            agreeWhateverGoesWithThem(script.run(owner, "table", x, n, size, twice));
        }
    }

    @ParameterizedTest
    @CsvSource({"64,3", "576,192", "1536,576"})
    void wholeMatricesOfEightBits(int inputs, int outputs) {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu()); var x = random(owner, 1, inputs);
                var n = IValue.from((long) outputs)) {
            areTheSame(script.run(owner, "int8_matrix", x, n));
        }
    }

    @ParameterizedTest
    @CsvSource({"64,64,32", "576,192,64", "1536,576,128"})
    void wholeMatricesOfFourBitsInGroups(int inputs, int outputs, int group) {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu()); var x = random(owner, 1, inputs);
                var n = IValue.from((long) outputs); var size = IValue.from((long) group)) {
            areTheSame(script.run(owner, "int4_matrix", x, n, size));
        }
    }

    @ParameterizedTest
    @CsvSource({"64,3,64,false", "64,2,32,true", "576,192,64,true", "1536,576,64,false", "1536,576,512,true"})
    void wholeMatricesOfTable(int inputs, int outputs, int block, boolean nested) {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu()); var x = random(owner, 1, inputs);
                var n = IValue.from((long) outputs); var size = IValue.from((long) block); var twice = IValue.from(nested)) {
            areTheSame(script.run(owner, "table_matrix", x, n, size, twice));
        }
    }

    private static void areTheSame(Tensor[] results) {
        assertThat(results[0].toFloats()).isEqualTo(results[1].toFloats());
    }

    @Test
    void sumAndItsNorm() {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu()); var x = random(owner, 5, 96); var y = random(owner, 5, 96);
                var w = random(owner, 96)) {
            var results = script.run(owner, "add_rms_norm", x, y, w);
            assertThat(results[0].toFloats()).isEqualTo(results[1].toFloats());
        }
    }

    @Test
    void gates() {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu()); var gate = random(owner, 5, 96); var up = random(owner, 5, 96)) {
            agree(script.run(owner, "gated", gate, up));
        }
    }

    @ParameterizedTest
    @CsvSource({"32,32", "64,64", "96,64", "128,128"})
    void rotatesAndKeepsInPlace(int size, int rotary) {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu()); var q = random(owner, 3, 6, size);
                var key = random(owner, 3, 2, size); var value = random(owner, 3, 2, size); var r = IValue.from((long) rotary);
                var slots = IValue.from(owner.ofLongs(0, 3, 1).array()); var positions = IValue.from(owner.ofLongs(9, 0, 4).array())) {
            agree(script.run(owner, "rotate_append", q, key, value, r, slots, positions));
        }
    }
}
