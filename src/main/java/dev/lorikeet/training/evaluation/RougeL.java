package dev.lorikeet.training.evaluation;

import java.util.List;

/// ROUGE-L (Lin, 2004): the F1 of the longest common subsequence of words, from 0 to 1. For texts of Latin letters without accents it is
/// what `rouge_score` computes without a stemmer; words of other scripts count too, see [Words].
public final class RougeL {
    private RougeL() {}

    public static double of(String hypothesis, String reference) {
        List<String> own = Words.of(hypothesis);
        List<String> expected = Words.of(reference);
        int common = longestCommonSubsequence(own, expected);
        return common == 0 ? 0 : 2.0 * common / (own.size() + expected.size());
    }

    private static int longestCommonSubsequence(List<String> a, List<String> b) {
        int[] above = new int[b.size() + 1];
        for (String word : a) {
            int[] row = new int[b.size() + 1];
            for (int j = 1; j <= b.size(); j++) {
                row[j] = word.equals(b.get(j - 1)) ? above[j - 1] + 1 : Math.max(above[j], row[j - 1]);
            }
            above = row;
        }
        return above[b.size()];
    }
}
