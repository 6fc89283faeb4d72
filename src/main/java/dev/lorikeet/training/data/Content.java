package dev.lorikeet.training.data;

import java.util.Arrays;

/// An example by what it teaches, wherever it stands.
record Content(TrainingExample example) {
    @Override
    public boolean equals(Object other) {
        if (!(other instanceof Content content) || example.sequences().size() != content.example.sequences().size()) {
            return false;
        }
        for (int i = 0; i < example.sequences().size(); i++) {
            Example own = example.sequences().get(i);
            Example others = content.example.sequences().get(i);
            if (!Arrays.equals(own.inputIds(), others.inputIds()) || !Arrays.equals(own.labels(), others.labels())) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (Example sequence : example.sequences()) {
            hash = hash * 31 + Arrays.hashCode(sequence.inputIds()) * 31 + Arrays.hashCode(sequence.labels());
        }
        return hash;
    }
}
