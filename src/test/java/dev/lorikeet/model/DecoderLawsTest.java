package dev.lorikeet.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.model.StepBatch.Chunk;
import dev.lorikeet.model.StepBatch.Decoding;
import dev.lorikeet.model.StepBatch.LogitRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Laws of the forward pass, for every family, with prompts longer than every sliding window. The oracle is one uncached pass.
class DecoderLawsTest {
    private static final float TOLERANCE = 1e-4f;

    static List<String> families() {
        return Fixtures.families();
    }

    private static int[] ids(long seed, int length) {
        return new SplittableRandom(seed).ints(length, 5, 500).toArray();
    }

    /// Logits after every token, computed at once in an otherwise empty cache.
    private static float[][] oracle(LoadedModel model, int slot, int[] ids) {
        try (var logits = model.step(new StepBatch(List.of(), List.of(new Chunk(slot, 0, ids, LogitRows.ALL))))) {
            var rows = new float[ids.length][];
            for (int i = 0; i < ids.length; i++) {
                rows[i] = logits.row(i);
            }
            return rows;
        }
    }

    private static void same(float[] actual, float[] expected, String what) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).as(what).isCloseTo(expected[i], within(TOLERANCE));
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void cachedEqualsUncached(String family) {
        try (var model = Fixtures.load(family, "float32")) {
            int[] ids = ids(1, 40);
            var expected = oracle(model, 1, ids);
            model.step(new StepBatch(List.of(), List.of(new Chunk(0, 0, Arrays.copyOf(ids, 3), LogitRows.NONE)))).close();
            for (int i = 3; i < ids.length; i++) {
                try (var logits = model.step(new StepBatch(List.of(new Decoding(0, i, ids[i])), List.of()))) {
                    same(logits.row(0), expected[i], family + " token " + i);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void chunkedPrefillEqualsOneShot(String family) {
        try (var model = Fixtures.load(family, "float32")) {
            int[] ids = ids(2, 45);
            var expected = oracle(model, 1, ids);
            for (int size : new int[] {1, 4, 7, 20, 44}) {
                for (int from = 0; from < ids.length; from += size) {
                    int to = Math.min(ids.length, from + size);
                    try (var logits = model.step(new StepBatch(List.of(), List.of(new Chunk(0, from, Arrays.copyOfRange(ids, from, to), LogitRows.ALL))))) {
                        for (int i = from; i < to; i++) {
                            same(logits.row(i - from), expected[i], family + " chunks of " + size + ", token " + i);
                        }
                    }
                }
            }
        }
    }

    /// Decoding rows in slots with and without gaps, together with chunks of two prompts.
    @ParameterizedTest
    @MethodSource("families")
    void aMixedBatchEqualsSingleRuns(String family) {
        try (var model = Fixtures.load(family, "float32")) {
            int[][] all = {ids(3, 30), ids(4, 21), ids(5, 12), ids(6, 26)};
            var expected = new ArrayList<float[][]>();
            for (int[] ids : all) {
                expected.add(oracle(model, 0, ids));
            }
            for (int[] slots : new int[][] {{0, 1, 2}, {0, 2, 3}, {1, 3, 2}}) {
                prefill(model, slots[0], all[0], 29);
                prefill(model, slots[1], all[1], 20);
                prefill(model, slots[2], all[2], 5);
                int free = 6 - slots[0] - slots[1] - slots[2];
                var batch = new StepBatch(List.of(new Decoding(slots[0], 29, all[0][29]), new Decoding(slots[1], 20, all[1][20])),
                        List.of(new Chunk(slots[2], 5, Arrays.copyOfRange(all[2], 5, 12), LogitRows.LAST), new Chunk(free, 0, all[3], LogitRows.ALL)));
                try (var logits = model.step(batch)) {
                    assertThat(logits.rows()).isEqualTo(3 + 26);
                    same(logits.row(0), expected.get(0)[29], family);
                    same(logits.row(1), expected.get(1)[20], family);
                    same(logits.row(2), expected.get(2)[11], family);
                    same(logits.row(3 + 25), expected.get(3)[25], family);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void aCopiedPrefixEqualsARecomputedOne(String family) {
        try (var model = Fixtures.load(family, "float32")) {
            int[] ids = ids(7, 33);
            var expected = oracle(model, 0, ids);
            int[] other = ids(8, 40);
            prefill(model, 2, other, 40);
            model.copyPrefix(0, 2, 25);
            try (var logits = model.step(new StepBatch(List.of(), List.of(new Chunk(2, 25, Arrays.copyOfRange(ids, 25, 33), LogitRows.LAST))))) {
                same(logits.row(0), expected[32], family);
            }
        }
    }

    private static void prefill(LoadedModel model, int slot, int[] ids, int count) {
        model.step(new StepBatch(List.of(), List.of(new Chunk(slot, 0, Arrays.copyOf(ids, count), LogitRows.NONE)))).close();
    }
}
