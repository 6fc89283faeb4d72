package dev.lorikeet.training.data;

import java.util.Arrays;
import java.util.List;

/// One sequence to learn from. Neither array may be changed by those who read it.
///
/// @param inputIds the whole sequence, prompt and answer
/// @param labels `inputIds[i]` where token i is learned, [#IGNORED] elsewhere; not shifted, as Hugging Face has them
/// @param line where the row stands in its file: the line of a text file, the number of the row elsewhere; from 1
public record Example(int[] inputIds, int[] labels, int line) implements TrainingExample {
    /// The label of a token that is not learned.
    public static final int IGNORED = -100;

    public Example {
        if (inputIds.length == 0 || inputIds.length != labels.length) {
            throw new IllegalArgumentException("row " + line + ": " + inputIds.length + " input_ids and " + labels.length
                    + " labels; there must be as many labels as ids, and at least one");
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != IGNORED && labels[i] != inputIds[i]) {
                throw new IllegalArgumentException("row " + line + ": label " + labels[i] + " at place " + i + " is neither " + IGNORED
                        + " nor the token's id, " + inputIds[i]);
            }
        }
        if (line < 1) {
            throw new IllegalArgumentException("line " + line + " is not a line number; lines are counted from 1");
        }
    }

    @Override
    public List<Example> sequences() {
        return List.of(this);
    }

    public int length() {
        return inputIds.length;
    }

    /// How many tokens have a loss. The first token has none: nothing predicts it.
    public int learnedTokens() {
        int learned = 0;
        for (int i = 1; i < labels.length; i++) {
            learned += labels[i] == IGNORED ? 0 : 1;
        }
        return learned;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Example example && line == example.line && Arrays.equals(inputIds, example.inputIds)
                && Arrays.equals(labels, example.labels);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(inputIds) * 31 + Arrays.hashCode(labels);
    }

    @Override
    public String toString() {
        return "Example[line=" + line + ", inputIds=" + Arrays.toString(inputIds) + ", labels=" + Arrays.toString(labels) + "]";
    }
}
