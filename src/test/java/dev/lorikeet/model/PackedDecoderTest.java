package dev.lorikeet.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The demo model in bfloat16 with packed weights, where the Java kernels multiply them.
class PackedDecoderTest {
    private static final int[] IDS = {2, 300, 51, 7, 904, 77, 120, 33};

    private static LoadedModel load(String scheme, String dtype) {
        Torch.enterThread(false);
        var options = new ModelPlan.Options(new TensorDevice.Cpu(), dtype, 0, 8).quantized(Optional.of(Quantization.parse(scheme)));
        return LoadedModel.load(ModelPlan.of(Path.of("models/demo"), options), _ -> { });
    }

    /// Logits after each token, one at a time.
    private static List<float[]> decode(LoadedModel model) {
        var rows = new ArrayList<float[]>();
        for (int i = 0; i < IDS.length; i++) {
            try (var logits = model.step(new StepBatch(List.of(new StepBatch.Decoding(0, i, IDS[i])), List.of()))) {
                rows.add(logits.row(0));
            }
        }
        return rows;
    }

    /// As far as rounding to bfloat16 goes: the distance from float32, relative to the spread of the logits, as `FamilyGoldenTest` has it.
    @ParameterizedTest
    @ValueSource(strings = {"int8", "int4", "nf4", "nf4-dq", "fp4"})
    void kernelsInJavaComputeWhatFloat32Does(String scheme) {
        List<float[]> expected;
        try (var model = load(scheme, "float32")) {
            expected = decode(model);
        }
        try (var model = load(scheme, "bfloat16")) {
            assertThat(model.independentRows()).isEqualTo(Torch.packedJavaRows());
            var actual = decode(model);
            for (int i = 0; i < IDS.length; i++) {
                assertThat(meanDifference(actual.get(i), expected.get(i))).as("%s, token %d", scheme, i).isLessThan(0.04 * deviation(expected.get(i)));
            }
        }
    }

    /// The law behind seeds.
    @ParameterizedTest
    @ValueSource(strings = {"int8", "int4", "nf4-dq"})
    void rowsThatCountAsIndependentAre(String scheme) {
        try (var model = load(scheme, "bfloat16")) {
            var rows = new ArrayList<StepBatch.Decoding>();
            for (int slot = 0; slot < model.independentRows(); slot++) {
                rows.add(new StepBatch.Decoding(slot, 0, IDS[slot]));
            }
            try (var together = model.step(new StepBatch(rows, List.of()))) {
                for (var row : rows) {
                    try (var alone = model.step(new StepBatch(List.of(row), List.of()))) {
                        assertThat(alone.row(0)).as("row %d", row.slot()).isEqualTo(together.row(row.slot()));
                    }
                }
            }
        }
    }

    private static double meanDifference(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs(a[i] - b[i]);
        }
        return sum / a.length;
    }

    private static double deviation(float[] values) {
        double mean = 0;
        double squares = 0;
        for (float value : values) {
            mean += value / values.length;
            squares += (double) value * value / values.length;
        }
        return Math.sqrt(squares - mean * mean);
    }
}
