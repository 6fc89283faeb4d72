package dev.lorikeet.training.data;

import java.util.Arrays;

/// An example by what it teaches, wherever it stands.
record Content(Example example) {
    @Override
    public boolean equals(Object other) {
        return other instanceof Content content && Arrays.equals(example.inputIds(), content.example.inputIds())
                && Arrays.equals(example.labels(), content.example.labels());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(example.inputIds()) * 31 + Arrays.hashCode(example.labels());
    }
}
