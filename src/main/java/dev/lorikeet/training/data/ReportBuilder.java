package dev.lorikeet.training.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Counts while rows pass by.
final class ReportBuilder {
    /// What may be said of a row.
    enum Finding { TRUNCATED, NOTHING_TO_LEARN, DOUBLE_BOS, MISSING_END, BORDER_MERGED, DUPLICATE, PROMPT_TRUNCATED, SAME_ANSWERS }

    private final Map<Finding, Integer> counts = new HashMap<>();
    private final Map<Finding, List<Integer>> lines = new HashMap<>();
    private final TreeMap<Integer, Integer> histogram = new TreeMap<>();
    private final List<BadRow> badRows = new ArrayList<>();
    private final Set<Content> seen = new HashSet<>();
    private int rows;
    private int examples;
    private int badRowCount;
    private int longest;
    private long tokens;
    private long learnedTokens;

    int row() {
        return ++rows;
    }

    void bad(int line, String reason) {
        badRowCount++;
        if (badRows.size() < DataReport.SHOWN_BAD_ROWS) {
            badRows.add(new BadRow(line, reason));
        }
    }

    void found(Finding finding, int line) {
        counts.merge(finding, 1, Integer::sum);
        List<Integer> some = lines.computeIfAbsent(finding, _ -> new ArrayList<>());
        if (some.size() < Findings.SHOWN) {
            some.add(line);
        }
    }

    void length(int length) {
        longest = Math.max(longest, length);
        int bin = Math.max(16, Integer.highestOneBit(Math.max(1, length - 1)) << 1);
        histogram.merge(bin, 1, Integer::sum);
    }

    void example(TrainingExample example) {
        examples++;
        for (Example sequence : example.sequences()) {
            tokens += sequence.length();
            learnedTokens += sequence.learnedTokens();
        }
        if (!seen.add(new Content(example))) {
            found(Finding.DUPLICATE, example.line());
        }
    }

    /// Of a file of pairs.
    DataReport buildOfPairs() {
        return build(Optional.of(new PairFindings(examples, findings(Finding.PROMPT_TRUNCATED), findings(Finding.SAME_ANSWERS))));
    }

    DataReport build() {
        return build(Optional.empty());
    }

    private DataReport build(Optional<PairFindings> pairs) {
        List<Bin> bins = histogram.entrySet().stream().map(entry -> new Bin(entry.getKey(), entry.getValue())).toList();
        return new DataReport(rows, examples, tokens, learnedTokens, bins, longest, findings(Finding.TRUNCATED), findings(Finding.NOTHING_TO_LEARN),
                findings(Finding.DOUBLE_BOS), findings(Finding.MISSING_END), findings(Finding.BORDER_MERGED), findings(Finding.DUPLICATE), 0, badRowCount, badRows,
                pairs);
    }

    private Findings findings(Finding finding) {
        return new Findings(counts.getOrDefault(finding, 0), lines.getOrDefault(finding, List.of()));
    }
}
