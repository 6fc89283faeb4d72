package dev.lorikeet.rag;

import java.text.Normalizer;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/// The runs of three letters or digits in a text, after what does not matter is gone: case, blanks, punctuation, forms of the same character.
///
/// Korean glues particles to words, so runs of characters compare texts better than words do.
record Shingles(Set<String> runs) {
    private static final int LENGTH = 3;

    static Shingles of(String text) {
        int[] letters = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT).codePoints().filter(Character::isLetterOrDigit).toArray();
        Set<String> runs = new HashSet<>();
        if (letters.length > 0 && letters.length < LENGTH) {
            runs.add(new String(letters, 0, letters.length));
        }
        for (int i = 0; i + LENGTH <= letters.length; i++) {
            runs.add(new String(letters, i, LENGTH));
        }
        return new Shingles(runs);
    }

    int size() {
        return runs.size();
    }

    Shingles without(Shingles other) {
        Set<String> left = new HashSet<>(runs);
        left.removeAll(other.runs);
        return new Shingles(left);
    }

    /// How much of this is in the other, 0 to 1.
    double containedIn(Shingles other) {
        return runs.isEmpty() ? 0 : (double) common(other) / size();
    }

    /// What both share of what either has, 0 to 1.
    double jaccard(Shingles other) {
        long common = common(other);
        long all = size() + other.size() - common;
        return all == 0 ? 0 : (double) common / all;
    }

    private long common(Shingles other) {
        return runs.stream().filter(other.runs::contains).count();
    }
}
