package dev.lorikeet.training;

import dev.lorikeet.training.data.Example;
import java.util.List;

/// What is learned from, and what it is judged by. @param validation may be empty
public record TrainingData(List<Example> train, List<Example> validation) {
    public TrainingData {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
        if (train.stream().allMatch(example -> example.learnedTokens() == 0)) {
            throw new IllegalArgumentException("no row has a token to learn: " + train.size() + " rows were given, and all of their labels are "
                    + Example.IGNORED);
        }
    }

    long tokens() {
        return train.stream().mapToLong(Example::length).sum();
    }
}
