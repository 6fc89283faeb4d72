package dev.lorikeet.training.data;

import java.util.List;

/// Rows of which something is to be said: how many, and where the first of them stand.
public record Findings(int count, List<Integer> lines) {
    static final int SHOWN = 20;

    public Findings {
        lines = List.copyOf(lines);
    }
}
