package dev.lorikeet.rag;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Drops documents that say what an earlier one says: the same address, or [Shingles] with a Jaccard similarity of 0.7 and more.
final class NearDuplicates {
    private static final double SAME = 0.7;

    private NearDuplicates() {}

    static List<Document> drop(List<Document> documents) {
        List<Document> kept = new ArrayList<>();
        List<Shingles> seen = new ArrayList<>();
        Set<String> addresses = new HashSet<>();
        for (Document document : documents) {
            Shingles shingles = Shingles.of(document.text());
            boolean passage = document.url().isEmpty() || document.source().equals(FolderSearch.SOURCE);
            // Passages of one file share its address.
            if ((passage || addresses.add(document.url())) && seen.stream().noneMatch(other -> other.jaccard(shingles) >= SAME)) {
                kept.add(document);
                seen.add(shingles);
            }
        }
        return kept;
    }
}
