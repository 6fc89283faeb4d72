package dev.lorikeet.rag;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// What NAVER searches, as far as its results are text. @see <a href="https://developers.naver.com/docs/serviceapi/search/blog/blog.md">its guide</a>
public enum SearchType {
    BLOG(true), NEWS(true), WEBKR(false), ENCYC(false), KIN(true), CAFEARTICLE(true);

    private static final int MOST_RESULTS = 100;

    private final boolean sortable;

    SearchType(boolean sortable) {
        this.sortable = sortable;
    }

    /// As NAVER's addresses and our options spell it.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Whether NAVER lets this type be sorted; the others refuse the parameter.
    boolean sortable() {
        return sortable;
    }

    /// The number of results that may be asked for which is nearest to `wanted`.
    int results(int wanted) {
        return Math.clamp(wanted, 1, MOST_RESULTS);
    }

    public static Optional<SearchType> ofWord(String word) {
        return Arrays.stream(values()).filter(type -> type.word().equals(word)).findFirst();
    }

    public static String words() {
        return Arrays.stream(values()).map(SearchType::word).collect(Collectors.joining(", "));
    }
}
