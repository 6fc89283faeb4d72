package dev.lorikeet.training;

import dev.lorikeet.training.TrainingOptions.Batching;
import dev.lorikeet.training.data.Example;
import dev.lorikeet.training.data.TrainingExample;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Which examples are learned in which step: decided by the seed and the step alone, so that a resumed training goes on where it was.
final class TrainingOrder {
    private static final int MEGABATCHES = 50;

    private final Batching batching;
    private final long seed;
    private final List<List<Example>> units;
    private final int stepsPerEpoch;
    private int epoch = -1;
    private List<MicroBatch> batches = List.of();

    /// A unit is a pack, or what belongs to one row.
    TrainingOrder(List<? extends TrainingExample> examples, Batching batching, long seed) {
        this.batching = batching;
        this.seed = seed;
        this.units = batching.packing() ? pack(examples.stream().flatMap(example -> example.sequences().stream()).toList(), batching.maxSeqLength())
                : examples.stream().map(TrainingExample::sequences).toList();
        this.stepsPerEpoch = Math.ceilDiv(Math.ceilDiv(units.size(), batching.batchSize()), batching.accumulation());
    }

    int stepsPerEpoch() {
        return stepsPerEpoch;
    }

    /// Tokens of the largest micro-batch that can come.
    long longestBatch() {
        return IntStream.range(0, units.size()).map(this::length).boxed().sorted(Comparator.reverseOrder()).limit(batching.batchSize())
                .mapToLong(Integer::longValue).sum();
    }

    /// The micro-batches of a step. @param step from 0
    List<MicroBatch> step(int step) {
        if (step / stepsPerEpoch != epoch) {
            epoch = step / stepsPerEpoch;
            batches = epoch(epoch);
        }
        int from = step % stepsPerEpoch * batching.accumulation();
        return batches.subList(from, Math.min(batches.size(), from + batching.accumulation()));
    }

    private List<MicroBatch> epoch(int epoch) {
        var order = new ArrayList<>(IntStream.range(0, units.size()).boxed().toList());
        shuffle(order, new Random(seed * 31 + epoch));
        if (batching.groupByLength()) {
            order = grouped(order);
        }
        var result = new ArrayList<MicroBatch>();
        for (int from = 0; from < order.size(); from += batching.batchSize()) {
            var batch = order.subList(from, Math.min(order.size(), from + batching.batchSize()));
            result.add(new MicroBatch(batch.stream().flatMap(unit -> units.get(unit).stream()).toList()));
        }
        return result;
    }

    /// Written out, so that no library's change can give another order to a training that is resumed.
    private static void shuffle(List<Integer> order, Random random) {
        for (int i = order.size() - 1; i > 0; i--) {
            Collections.swap(order, i, random.nextInt(i + 1));
        }
    }

    private int length(int unit) {
        return units.get(unit).stream().mapToInt(Example::length).sum();
    }

    /// Sorts within large random groups, the longest unit of all first, as `get_length_grouped_indices` of transformers does.
    private ArrayList<Integer> grouped(List<Integer> order) {
        int size = batching.batchSize() * Math.max(1, Math.min(order.size() / (batching.batchSize() * 4), MEGABATCHES));
        var result = new ArrayList<Integer>();
        for (int from = 0; from < order.size(); from += size) {
            var group = new ArrayList<>(order.subList(from, Math.min(order.size(), from + size)));
            group.sort(Comparator.comparingInt(this::length).reversed());
            result.addAll(group);
        }
        int longest = IntStream.range(0, result.size()).boxed().max(Comparator.comparingInt(i -> length(result.get(i)))).orElseThrow();
        Collections.swap(result, 0, longest);
        return result;
    }

    /// Best fit, longest first: each example goes where it leaves the least room, or into a new pack.
    static List<List<Example>> pack(List<Example> examples, int room) {
        var packs = new ArrayList<List<Example>>();
        var byRoom = new java.util.TreeMap<Integer, java.util.ArrayDeque<List<Example>>>();
        for (var example : examples.stream().sorted(Comparator.comparingInt(Example::length).reversed()).toList()) {
            var fit = byRoom.ceilingEntry(example.length());
            List<Example> pack;
            int left;
            if (fit == null) {
                pack = new ArrayList<>();
                packs.add(pack);
                left = room;
            } else {
                pack = fit.getValue().poll();
                left = fit.getKey();
                if (fit.getValue().isEmpty()) {
                    byRoom.remove(left);
                }
            }
            pack.add(example);
            byRoom.computeIfAbsent(left - example.length(), _ -> new java.util.ArrayDeque<>()).add(pack);
        }
        return packs;
    }
}
