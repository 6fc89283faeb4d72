package dev.lorikeet.training.data;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What was found in a file before anything is learned from it.
///
/// @param rows all of them, bad ones included
/// @param examples rows to learn from
/// @param tokens of all examples, after truncation
/// @param histogram of the examples' lengths before truncation, in powers of two
/// @param longest tokens of the longest row, before truncation
/// @param truncated rows that lost their end to `max_seq_length`
/// @param nothingToLearn rows without a learned token (left); they are no examples
/// @param doubleBos rows that begin with two BOS
/// @param missingEnd answers that no end token follows, so that a model does not learn to stop
/// @param borderMerged rows in which one token stands for the end of the prompt and the beginning of the answer
/// @param duplicates rows with the ids and labels of an earlier one
/// @param overlap validation rows that are training rows as well
/// @param pairs where the rows are pairs of answers; an example is a pair then, and its length that of the longer sequence
/// @param badRowCount rows that cannot be learned from; `badRows` are the first of them
public record DataReport(int rows, int examples, long tokens, long learnedTokens, List<Bin> histogram, int longest, Findings truncated,
                         Findings nothingToLearn, Findings doubleBos, Findings missingEnd, Findings borderMerged, Findings duplicates, int overlap,
                         int badRowCount, List<BadRow> badRows, Optional<PairFindings> pairs) {
    /// How many bad rows are kept with their reasons.
    public static final int SHOWN_BAD_ROWS = 100;

    public DataReport {
        histogram = List.copyOf(histogram);
        badRows = List.copyOf(badRows);
    }

    /// The same with what the held-out rows share with these.
    public DataReport withOverlap(int shared) {
        return new DataReport(rows, examples, tokens, learnedTokens, histogram, longest, truncated, nothingToLearn, doubleBos, missingEnd, borderMerged,
                duplicates, shared, badRowCount, badRows, pairs);
    }

    /// As the API writes it.
    public Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rows", rows);
        json.put("examples", examples);
        pairs.ifPresent(found -> json.put("pairs", found.count()));
        json.put("tokens", tokens);
        json.put("learned_tokens", learnedTokens);
        json.put("longest", longest);
        json.put("histogram", histogram.stream().map(bin -> Map.of("up_to", bin.upTo(), "count", bin.count())).toList());
        Map<String, Findings> findings = new LinkedHashMap<>();
        findings.put("truncated", truncated);
        findings.put("nothing_to_learn", nothingToLearn);
        findings.put("double_bos", doubleBos);
        findings.put("missing_end_token", missingEnd);
        findings.put("border_merged", borderMerged);
        findings.put("duplicates", duplicates);
        pairs.ifPresent(found -> {
            findings.put("prompt_truncated", found.promptTruncated());
            findings.put("same_answers", found.sameAnswers());
        });
        findings.forEach((name, found) -> json.put(name, found.count()));
        Map<String, List<Integer>> lines = new LinkedHashMap<>();
        findings.forEach((name, found) -> lines.put(name, found.lines()));
        json.put("lines", lines);
        json.put("validation_overlap", overlap);
        json.put("bad_row_count", badRowCount);
        json.put("bad_rows", badRows.stream().map(bad -> Map.of("line", bad.line(), "reason", bad.reason())).toList());
        return json;
    }
}
