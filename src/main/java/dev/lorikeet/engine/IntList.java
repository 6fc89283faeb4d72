package dev.lorikeet.engine;

import java.util.Arrays;

/// Token ids that grow at the end.
final class IntList {
    private int[] items;
    private int size;

    IntList(int[] initial) {
        items = Arrays.copyOf(initial, Math.max(16, initial.length * 2));
        size = initial.length;
    }

    void add(int item) {
        if (size == items.length) {
            items = Arrays.copyOf(items, size * 2);
        }
        items[size++] = item;
    }

    int get(int index) {
        return items[index];
    }

    int size() {
        return size;
    }

    int[] range(int from, int to) {
        return Arrays.copyOfRange(items, from, to);
    }

    /// How many leading items equal those of `other`.
    int commonPrefix(int[] other) {
        int mismatch = Arrays.mismatch(items, 0, size, other, 0, other.length);
        return mismatch < 0 ? size : mismatch;
    }
}
