package dev.lorikeet.training.evaluation;

import java.util.HashMap;
import java.util.Map;

/// The character F-score of a corpus, chrF2 (Popović, 2015), as sacrebleu computes it by default: n-grams of one to six characters, white
/// space left out, recall twice as important as precision (signature `nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no`). From 0 to 100.
public final class ChrF {
    private static final int ORDER = 6;
    private static final double BETA_SQUARED = 4;

    private final long[] hypothesis = new long[ORDER];
    private final long[] reference = new long[ORDER];
    private final long[] matches = new long[ORDER];

    /// The score of one text.
    public static double of(String hypothesis, String reference) {
        return new ChrF().add(hypothesis, reference).score();
    }

    public ChrF add(String hypothesis, String reference) {
        int[] own = characters(hypothesis);
        int[] expected = characters(reference);
        for (int n = 1; n <= ORDER; n++) {
            Map<String, Integer> known = ngrams(expected, n);
            long total = Math.max(0, expected.length - n + 1);
            this.reference[n - 1] += total;
            if (total > 0) {
                this.hypothesis[n - 1] += Math.max(0, own.length - n + 1);
            }
            ngrams(own, n).forEach((ngram, count) -> matches[ngram.codePointCount(0, ngram.length()) - 1] += Math.min(count, known.getOrDefault(ngram, 0)));
        }
        return this;
    }

    public double score() {
        double precision = 0;
        double recall = 0;
        int orders = 0;
        for (int n = 0; n < ORDER; n++) {
            if (hypothesis[n] > 0 && reference[n] > 0) {
                precision += (double) matches[n] / hypothesis[n];
                recall += (double) matches[n] / reference[n];
                orders++;
            }
        }
        if (precision + recall == 0) {
            return 0;
        }
        precision /= orders;
        recall /= orders;
        return 100 * (1 + BETA_SQUARED) * precision * recall / (BETA_SQUARED * precision + recall);
    }

    private static int[] characters(String text) {
        return text.codePoints().filter(c -> !Words.isPythonSpace(c)).toArray();
    }

    private static Map<String, Integer> ngrams(int[] characters, int n) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i + n <= characters.length; i++) {
            counts.merge(new String(characters, i, n), 1, Integer::sum);
        }
        return counts;
    }
}
