package dev.lorikeet.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every family on quantised matrices, against `transformers` with bitsandbytes' modules in the place of linear layers (int8, int4: on the
/// matrices that their formula gives). `src/test/python/quantization_reference.py` made the numbers.
class QuantizedModelTest {
    private static final List<String> SCHEMES = List.of("nf4", "nf4-dq", "fp4", "int8", "llm-int8", "int4");
    private static final JsonNode REFERENCE = Fixtures.json(Path.of("src/test/resources/quantization/logits.json"));

    static Stream<Arguments> cases() {
        return Fixtures.families().stream().flatMap(family -> SCHEMES.stream().filter(scheme -> !(family.equals("phi3") && scheme.equals("nf4-dq")))
                .map(scheme -> Arguments.of(family, scheme)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void lastLogitsAreWithinOneTenThousandth(String family, String scheme) {
        try (var model = load(family, scheme)) {
            int[] ids = Fixtures.ints(Fixtures.reference(family).get("cases").get(2).get("input_ids"));
            float[] expected = Fixtures.floats(REFERENCE.get(family).get(scheme));
            try (var logits = model.step(new StepBatch(List.of(), List.of(new StepBatch.Chunk(0, 0, ids, StepBatch.LogitRows.LAST))))) {
                float[] actual = logits.row(0);
                for (int id = 0; id < expected.length; id++) {
                    assertThat(actual[id]).as("%s %s logit %d", family, scheme, id).isCloseTo(expected[id], within(tolerance(scheme)));
                }
            }
        }
    }

    /// Few rows take another kernel than many: token by token through the cache must be the same text.
    @ParameterizedTest
    @MethodSource("cases")
    void oneTokenAtATimeIsAllTokensAtOnce(String family, String scheme) {
        try (var model = load(family, scheme)) {
            int[] ids = Fixtures.ints(Fixtures.reference(family).get("cases").get(2).get("input_ids"));
            float[] last = new float[0];
            for (int i = 0; i < ids.length; i++) {
                var one = new StepBatch.Chunk(0, i, new int[] {ids[i]}, StepBatch.LogitRows.LAST);
                try (var logits = model.step(new StepBatch(List.of(), List.of(one)))) {
                    last = logits.row(0);
                }
            }
            try (var logits = model.step(new StepBatch(List.of(), List.of(new StepBatch.Chunk(1, 0, ids, StepBatch.LogitRows.LAST))))) {
                assertThat(last).containsExactly(logits.row(0), within(tolerance(scheme)));
            }
        }
    }

    /// Rounding activations to float16 and then to eight bits makes steps of the last bit: where one falls differs, a code differs.
    private static float tolerance(String scheme) {
        return scheme.equals("llm-int8") ? 5e-3f : 1e-4f;
    }

    private static LoadedModel load(String family, String scheme) {
        Torch.enterThread(false);
        var options = new ModelPlan.Options(new TensorDevice.Cpu(), "float32", 0, 4).quantized(Quantization.parse(scheme));
        return LoadedModel.load(ModelPlan.of(Fixtures.folder(family), options), _ -> { });
    }
}
