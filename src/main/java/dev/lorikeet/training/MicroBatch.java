package dev.lorikeet.training;

import dev.lorikeet.training.data.Example;
import dev.lorikeet.training.data.PreferencePair;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Examples that are computed together: one after the other without padding, each of them seeing itself only.
record MicroBatch(List<Example> examples) {
    MicroBatch {
        examples = List.copyOf(examples);
    }

    int tokens() {
        return examples.stream().mapToInt(Example::length).sum();
    }

    int learnedTokens() {
        return examples.stream().mapToInt(Example::learnedTokens).sum();
    }

    int longest() {
        return examples.stream().mapToInt(Example::length).max().orElseThrow();
    }

    long[] ids() {
        return examples.stream().flatMapToInt(example -> java.util.Arrays.stream(example.inputIds())).asLongStream().toArray();
    }

    long[] positions() {
        return examples.stream().flatMapToLong(example -> java.util.stream.LongStream.range(0, example.length())).toArray();
    }

    /// Where each example begins, and the end.
    long[] bounds() {
        var bounds = new long[examples.size() + 1];
        for (int i = 0; i < examples.size(); i++) {
            bounds[i + 1] = bounds[i] + examples.get(i).length();
        }
        return bounds;
    }

    /// Where the rows are pairs: the examples two by two.
    List<PreferencePair> pairs() {
        var pairs = new ArrayList<PreferencePair>();
        for (int i = 0; i + 1 < examples.size(); i += 2) {
            pairs.add(new PreferencePair(examples.get(i), examples.get(i + 1)));
        }
        return pairs;
    }

    /// Positions after which a learned token follows, and those tokens.
    Predictions predictions() {
        var rows = new ArrayList<Long>();
        var targets = new ArrayList<Long>();
        long start = 0;
        for (var example : examples) {
            int[] labels = example.labels();
            for (int i = 1; i < labels.length; i++) {
                if (labels[i] != Example.IGNORED) {
                    rows.add(start + i - 1);
                    targets.add((long) labels[i]);
                }
            }
            start += labels.length;
        }
        return new Predictions(rows.stream().mapToLong(Long::longValue).toArray(), targets.stream().mapToLong(Long::longValue).toArray());
    }

    record Predictions(long[] rows, long[] targets) {}

    String lines() {
        return examples.stream().map(example -> Integer.toString(example.line())).collect(Collectors.joining(", "));
    }
}
