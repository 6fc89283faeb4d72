package dev.lorikeet.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every family against what `transformers` computes on the same checkpoint (fixtures' README says with which versions).
class FamilyGoldenTest {
    static List<String> families() {
        return Fixtures.families();
    }

    @ParameterizedTest
    @MethodSource("families")
    void hiddenStatesAgreeLayerByLayer(String family) {
        try (var model = Fixtures.load(family, "float32")) {
            for (var reference : Fixtures.reference(family).get("cases")) {
                float[] rms = model.hiddenRms(prompt(reference, StepBatch.LogitRows.LAST));
                float[] expected = Fixtures.floats(reference.get("hidden_rms_by_layer"));
                assertThat(rms).hasSameSizeAs(expected);
                for (int layer = 0; layer < rms.length; layer++) {
                    assertThat(rms[layer]).as("%s layer %d", family, layer).isCloseTo(expected[layer], within(1e-4f * (1 + expected[layer])));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void lastLogitsAreWithinOneTenThousandth(String family) {
        try (var model = Fixtures.load(family, "float32")) {
            for (var reference : Fixtures.reference(family).get("cases")) {
                try (var logits = model.step(prompt(reference, StepBatch.LogitRows.LAST))) {
                    float[] expected = Fixtures.floats(reference.get("last_logits"));
                    float[] actual = logits.row(0);
                    for (int id = 0; id < expected.length; id++) {
                        assertThat(actual[id]).as("%s logit %d", family, id).isCloseTo(expected[id], within(1e-4f));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void promptLogprobsAgree(String family) {
        try (var model = Fixtures.load(family, "float32")) {
            for (var reference : Fixtures.reference(family).get("cases")) {
                int[] ids = Fixtures.ints(reference.get("input_ids"));
                float[] expected = Fixtures.floats(reference.get("prompt_logprobs"));
                try (var logits = model.step(prompt(reference, StepBatch.LogitRows.ALL))) {
                    var rows = new long[ids.length - 1];
                    var next = new long[ids.length - 1];
                    for (int i = 0; i + 1 < ids.length; i++) {
                        rows[i] = i;
                        next[i] = ids[i + 1];
                    }
                    float[] own = logits.score(rows, next, 1).own();
                    assertThat(own).hasSameSizeAs(expected);
                    for (int i = 0; i < own.length; i++) {
                        assertThat(own[i]).as("%s token %d", family, i).isCloseTo(expected[i], within(1e-4f));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void greedyIdsAreIdentical(String family) {
        try (var model = Fixtures.load(family, "float32")) {
            for (var reference : Fixtures.reference(family).get("cases")) {
                int[] expected = Fixtures.ints(reference.get("greedy_ids"));
                assertThat(greedy(model, Fixtures.ints(reference.get("input_ids")), expected.length)).as(family).containsExactly(expected);
            }
        }
    }

    /// Bounds: 0.04 and 0.005 of the logits' standard deviation; the same choice wherever float32 is sure of it by 0.3.
    @ParameterizedTest
    @MethodSource("families")
    void sixteenBitsStayClose(String family) {
        checkHalf(family, "bfloat16", 0.04);
        checkHalf(family, "float16", 0.005);
    }

    private static void checkHalf(String family, String dtype, double bound) {
        try (var model = Fixtures.load(family, dtype)) {
            for (var reference : Fixtures.reference(family).get("cases")) {
                try (var logits = model.step(prompt(reference, StepBatch.LogitRows.LAST))) {
                    float[] expected = Fixtures.floats(reference.get("last_logits"));
                    float[] actual = logits.row(0);
                    assertThat(meanDifference(actual, expected) / deviation(expected)).as("%s %s", family, dtype).isLessThan(bound);
                    if (margin(expected) > 0.3) {
                        assertThat(argmax(actual)).as("%s %s", family, dtype).isEqualTo(argmax(expected));
                    }
                }
            }
        }
    }

    static int[] greedy(LoadedModel model, int[] prompt, int count) {
        var ids = new ArrayList<Integer>();
        int next;
        try (var logits = model.step(new StepBatch(List.of(), List.of(new StepBatch.Chunk(0, 0, prompt, StepBatch.LogitRows.LAST))))) {
            next = (int) logits.greedy()[0];
        }
        while (true) {
            ids.add(next);
            if (ids.size() == count) {
                return ids.stream().mapToInt(Integer::intValue).toArray();
            }
            int position = prompt.length + ids.size() - 1;
            try (var logits = model.step(new StepBatch(List.of(new StepBatch.Decoding(0, position, next)), List.of()))) {
                next = (int) logits.greedy()[0];
            }
        }
    }

    private static StepBatch prompt(JsonNode reference, StepBatch.LogitRows rows) {
        return new StepBatch(List.of(), List.of(new StepBatch.Chunk(0, 0, Fixtures.ints(reference.get("input_ids")), rows)));
    }

    private static int argmax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    private static double margin(float[] values) {
        int best = argmax(values);
        double second = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < values.length; i++) {
            second = i == best ? second : Math.max(second, values[i]);
        }
        return values[best] - second;
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
            mean += value;
            squares += (double) value * value;
        }
        mean /= values.length;
        return Math.sqrt(squares / values.length - mean * mean);
    }
}
