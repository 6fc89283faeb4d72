package dev.lorikeet.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.training.data.Example;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingOrderTest {
    private static final int ROWS = 103;

    /// Rows of 1 to 60 tokens; the line tells them apart.
    private static List<Example> rows() {
        var random = new SplittableRandom(4);
        return IntStream.range(0, ROWS).mapToObj(i -> {
            int[] ids = new int[1 + random.nextInt(60)];
            return new Example(ids, ids, i + 1);
        }).toList();
    }

    private static TrainingOrder order(String options) {
        return new TrainingOrder(rows(), TrainingOptionsTest.read("{'per_device_train_batch_size': 4, " + options + "}").batching(), 7);
    }

    private static List<MicroBatch> epoch(TrainingOrder order, int epoch) {
        var batches = new ArrayList<MicroBatch>();
        for (int step = 0; step < order.stepsPerEpoch(); step++) {
            batches.addAll(order.step(epoch * order.stepsPerEpoch() + step));
        }
        return batches;
    }

    private static List<Integer> lines(List<MicroBatch> batches) {
        return batches.stream().flatMap(batch -> batch.examples().stream()).map(Example::line).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"'packing': false", "'group_by_length': true", "'packing': true, 'max_seq_length': 80", "'gradient_accumulation_steps': 3"})
    void everyRowComesOnceInEachEpochAndEachEpochHasItsOwnOrder(String options) {
        var order = order(options);
        var first = lines(epoch(order, 0));
        var second = lines(epoch(order, 1));
        assertThat(first.stream().sorted().toList()).isEqualTo(IntStream.rangeClosed(1, ROWS).boxed().toList());
        assertThat(second.stream().sorted().toList()).isEqualTo(first.stream().sorted().toList());
        assertThat(second).isNotEqualTo(first);
    }

    @Test
    void rowsOfLikeLengthComeTogetherTheLongestFirst() {
        var grouped = epoch(order("'group_by_length': true"), 0);
        var random = epoch(order("'group_by_length': false"), 0);
        assertThat(grouped.getFirst().longest()).isEqualTo(rows().stream().mapToInt(Example::length).max().orElseThrow());
        assertThat(padding(grouped)).isLessThan(padding(random) / 3);
    }

    /// Tokens that other programs would compute for nothing.
    private static int padding(List<MicroBatch> batches) {
        return batches.stream().mapToInt(batch -> batch.longest() * batch.examples().size() - batch.tokens()).sum();
    }

    @Test
    void packsAreNeverLongerThanAllowedAndFewerThanRows() {
        var packs = TrainingOrder.pack(rows(), 80);
        assertThat(packs).allMatch(pack -> pack.stream().mapToInt(Example::length).sum() <= 80);
        int tokens = rows().stream().mapToInt(Example::length).sum();
        assertThat(packs.size()).isBetween(Math.ceilDiv(tokens, 80), Math.ceilDiv(tokens, 80) + 3);
        var lines = new ArrayList<>(packs.stream().flatMap(List::stream).map(Example::line).toList());
        Collections.sort(lines);
        assertThat(lines).isEqualTo(IntStream.rangeClosed(1, ROWS).boxed().toList());
    }
}
