package dev.lorikeet.training.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// The examples of a file, in its order, and what there is to say about it.
public record Dataset<T extends TrainingExample>(List<T> examples, DataReport report) {
    /// Two parts of a data set.
    public record Split<T extends TrainingExample>(Dataset<T> train, List<T> validation) {}

    public Dataset {
        examples = List.copyOf(examples);
    }

    /// This data set, if it may be trained on.
    ///
    /// @throws DataRefusal when it has bad rows that are not to be skipped, or no example
    public Dataset<T> requireUsable(DataOptions options) {
        if (report.badRowCount() > 0 && !options.skipBadRows()) {
            BadRow first = report.badRows().getFirst();
            throw new DataRefusal(report.badRowCount() + " of " + report.rows() + " rows cannot be used, the first in line " + first.line() + ": "
                    + first.reason() + ". Correct them, or set bad_rows to skip.");
        }
        if (examples.isEmpty()) {
            throw new DataRefusal("none of the " + report.rows() + " rows has anything to learn");
        }
        return this;
    }

    /// Holds some rows out for validation, chosen by the seed alone. Both parts keep the file's order.
    ///
    /// @param validationSize below 1: a share of the rows, rounded up as scikit-learn does; else their number
    public Split<T> split(double validationSize, long seed) {
        int held = (int) (validationSize < 1 ? Math.ceil(validationSize * examples.size() - 1e-9) : validationSize);
        if (validationSize < 0 || !Double.isFinite(validationSize) || validationSize >= 1 && validationSize != Math.rint(validationSize)) {
            throw new DataRefusal("val_set_size is " + validationSize + "; it must be a share below 1 or a whole number of rows");
        }
        if (held >= examples.size()) {
            throw new DataRefusal("val_set_size would hold out " + held + " of " + examples.size() + " rows and leave none to learn from");
        }
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < examples.size(); i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(seed));
        Set<Integer> chosen = new HashSet<>(order.subList(0, held));
        List<T> train = new ArrayList<>();
        List<T> validation = new ArrayList<>();
        for (int i = 0; i < examples.size(); i++) {
            (chosen.contains(i) ? validation : train).add(examples.get(i));
        }
        return new Split<>(new Dataset<>(train, report.withOverlap(overlap(train, validation))), validation);
    }

    /// How many validation rows teach what a training row teaches.
    public static int overlap(List<? extends TrainingExample> train, List<? extends TrainingExample> validation) {
        Set<Content> known = new HashSet<>();
        train.forEach(example -> known.add(new Content(example)));
        return (int) validation.stream().filter(example -> known.contains(new Content(example))).count();
    }
}
