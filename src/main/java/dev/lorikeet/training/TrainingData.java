package dev.lorikeet.training;

import dev.lorikeet.training.data.Example;
import dev.lorikeet.training.data.TrainingExample;
import java.util.List;

/// What is learned from, and what it is judged by. @param validation may be empty
public record TrainingData(List<? extends TrainingExample> train, List<? extends TrainingExample> validation) {
    public TrainingData {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
        if (train.stream().noneMatch(TrainingExample::teaches)) {
            throw new IllegalArgumentException("no row has a token to learn: " + train.size() + " rows were given, and all of their labels are "
                    + Example.IGNORED);
        }
    }

    long tokens() {
        return train.stream().flatMap(example -> example.sequences().stream()).mapToLong(Example::length).sum();
    }
}
