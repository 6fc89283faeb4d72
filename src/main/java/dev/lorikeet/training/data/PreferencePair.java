package dev.lorikeet.training.data;

import java.util.List;

/// Two answers to one prompt, of which the first is preferred. What is labelled in each is the answer.
public record PreferencePair(Example chosen, Example rejected) implements TrainingExample {
    public PreferencePair {
        if (chosen.line() != rejected.line()) {
            throw new IllegalArgumentException("the answers of a pair are of one row, not of the rows " + chosen.line() + " and " + rejected.line());
        }
    }

    @Override
    public List<Example> sequences() {
        return List.of(chosen, rejected);
    }

    @Override
    public int line() {
        return chosen.line();
    }
}
