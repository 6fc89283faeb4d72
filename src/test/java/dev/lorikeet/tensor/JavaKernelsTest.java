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

/// The kernels written in Java against libtorch in float32 on the same bfloat16 numbers. What differs is one rounding of the result.
class JavaKernelsTest {
    private static Script compile() {
        Torch.enterThread(false);
        return Script.compile(new TensorDevice.Cpu(), List.of("kernels.py"), Map.of(), new LinkedHashMap<>());
    }

    private static IValue random(TensorOwner owner, long... shape) {
        return IValue.from((PtNDArray) owner.manager().randomNormal(new Shape(shape)));
    }

    private static void agree(Tensor[] pair) {
        agree(pair[0].toFloats(), pair[1].toFloats());
    }

    private static void agree(float[] ours, float[] expected) {
        assertThat(ours).hasSameSizeAs(expected);
        for (int i = 0; i < ours.length; i++) {
            assertThat(ours[i]).isCloseTo(expected[i], within(0.005f * (1 + Math.abs(expected[i]))));
        }
    }

    @ParameterizedTest
    @CsvSource({"1,32,32", "1,576,192", "2,1536,576", "3,64,128", "4,576,1536", "8,576,576", "15,96,64", "16,96,32", "17,576,192", "64,1536,576", "1,4096,992"})
    void linearAgreesWithLibtorch(int rows, int inputs, int outputs) {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu());
                var x = random(owner, rows, inputs); var w = random(owner, outputs, inputs)) {
            agree(script.run(owner, "linear", x, w));
        }
    }

    /// Weights in a file begin where the header ends.
    @ParameterizedTest
    @CsvSource({"1,576,192,1", "8,576,1536,4", "8,96,32,8", "8,96,64,8", "16,1536,576,20", "8,576,2048,28"})
    void weightsMayBeginAnywhere(int rows, int inputs, int outputs, long by) {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu());
                var x = random(owner, rows, inputs); var w = random(owner, outputs, inputs); var distance = IValue.from(by)) {
            agree(script.run(owner, "linear_where", x, w, distance));
        }
    }

    @Test
    void layersTogetherGiveTheBitsOfEachAlone() {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu());
                var x = random(owner, 8, 576); var u = random(owner, 576, 576); var v = random(owner, 192, 576); var w = random(owner, 96, 576)) {
            var results = script.run(owner, "linears", x, u, v, w);
            float[] alone = results[0].toFloats();
            assertThat(results[1].toFloats()).isEqualTo(alone);
            assertThat(results[2].toFloats()).isEqualTo(alone);
            assertThat(results[3].toFloats()).isEqualTo(alone);
        }
    }

    /// The mask of a batch: its first row is of the base, the others use half of the ranks each, at the scales of some mix.
    private static IValue mask(TensorOwner owner, int rows, int ranks) {
        var numbers = new float[rows * ranks];
        for (int row = 1; row < rows; row++) {
            for (int rank = 0; rank < ranks / 2; rank++) {
                numbers[row * ranks + (row % 2) * (ranks / 2) + rank] = row % 3 == 0 ? 0.5f : 1;
            }
        }
        return IValue.from((PtNDArray) owner.manager().create(numbers, new Shape(rows, ranks)));
    }

    @ParameterizedTest
    @CsvSource({"1,64,32,2", "2,576,192,16", "8,576,1536,64", "8,1536,576,16", "16,64,96,5", "7,96,2048,128"})
    void adaptersAddTheirMatricesAndLeaveTheBaseItsBits(int rows, int inputs, int outputs, int ranks) {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu()); var x = random(owner, rows, inputs);
                var w = random(owner, outputs, inputs); var a = random(owner, ranks, inputs); var b = random(owner, ranks, outputs);
                var mask = mask(owner, rows, ranks)) {
            var results = script.run(owner, "lora", x, w, a, b, mask);
            float[] expected = results[2].toFloats();
            float[] base = results[3].toFloats();
            float[] bound = results[4].toFloats();
            for (int way = 0; way < 2; way++) {
                float[] ours = results[way].toFloats();
                for (int i = 0; i < expected.length; i++) {
                    assertThat(ours[i]).isCloseTo(expected[i], within(bound[i]));
                }
                assertThat(Arrays.copyOf(ours, outputs)).isEqualTo(Arrays.copyOf(base, outputs));
            }
        }
    }

    @Test
    void adaptersOfLayersTogetherGiveTheBitsOfEachAlone() {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu()); var x = random(owner, 8, 576);
                var u = random(owner, 192, 576); var v = random(owner, 64, 576); var a = random(owner, 32, 576); var b = random(owner, 32, 192);
                var mask = mask(owner, 8, 32)) {
            var results = script.run(owner, "loras", x, u, v, a, b, mask);
            assertThat(results[1].toFloats()).isEqualTo(results[0].toFloats());
        }
    }

    @ParameterizedTest
    @CsvSource({"1,32,false", "8,576,false", "3,256,true"})
    void rmsNormAgreesWithItsFormula(int rows, int width, boolean onePlus) {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu());
                var x = random(owner, rows, width); var w = random(owner, width); var plus = IValue.from(onePlus)) {
            agree(script.run(owner, "rms_norm", x, w, plus));
        }
    }

    @ParameterizedTest
    @CsvSource({"32,0,0", "64,0,0", "64,7,0", "128,0,5", "256,40,5"})
    void attentionReadsEachSequenceToItsOwnLength(int size, int window, double softcap) {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu());
                var q = random(owner, 4, 6, size); var k = random(owner, 5, 3, 100, size); var v = random(owner, 5, 3, 100, size);
                var slots = IValue.from(owner.ofLongs(0, 1, 3, 4).array()); var positions = IValue.from(owner.ofLongs(0, 15, 98, 33).array());
                var w = IValue.from((long) window); var cap = IValue.from(softcap)) {
            agree(script.run(owner, "attend", q, k, v, slots, positions, w, cap));
        }
    }

    /// The law behind seeds: what a row gives does not depend on how many rows go with it.
    @Test
    void rowKeepsItsBitsInAnyCompany() {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu());
                var x = random(owner, Torch.javaRows(), 576); var w = random(owner, 1536, 576)) {
            float[] together = script.run(owner, "linear", x, w)[0].toFloats();
            for (int rows = 1; rows < Torch.javaRows(); rows++) {
                try (var inner = TensorOwner.open(new TensorDevice.Cpu()); var n = IValue.from((long) rows)) {
                    float[] some = script.run(inner, "linear_of_first", x, w, n)[0].toFloats();
                    assertThat(some).as(rows + " rows").isEqualTo(Arrays.copyOf(together, some.length));
                }
            }
        }
    }

    @Test
    void thousandsOfCallsGiveTheSameResult() {
        try (var script = compile(); var owner = TensorOwner.open(new TensorDevice.Cpu());
                var x = random(owner, 3, 256); var w = random(owner, 512, 256)) {
            float[] first = script.run(owner, "linear", x, w)[0].toFloats();
            for (int i = 0; i < 3000; i++) {
                try (var inner = TensorOwner.open(new TensorDevice.Cpu())) {
                    assertThat(script.run(inner, "linear", x, w)[0].toFloats()).containsExactly(first, within(0.02f));
                }
            }
        }
    }
}
