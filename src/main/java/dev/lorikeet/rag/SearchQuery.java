package dev.lorikeet.rag;

import java.text.Normalizer;
import java.util.List;

/// What is looked for. The text is in Unicode's composed form, with single blanks, and short enough for an address.
///
/// @param types where NAVER looks @param results how many each search should find
public record SearchQuery(String text, List<SearchType> types, int results) {
    private static final int LONGEST = 200;

    public SearchQuery {
        types = List.copyOf(types);
        if (results < 1) {
            throw new IllegalArgumentException("results is " + results + "; at least 1 is needed");
        }
        text = shortened(SnippetText.tidy(Normalizer.normalize(text, Normalizer.Form.NFC)));
        if (text.isEmpty()) {
            throw new IllegalArgumentException("there is nothing to search for");
        }
    }

    private static String shortened(String text) {
        if (text.length() <= LONGEST) {
            return text;
        }
        int blank = text.lastIndexOf(' ', LONGEST);
        int end = blank > LONGEST / 2 ? blank : LONGEST;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
    }
}
