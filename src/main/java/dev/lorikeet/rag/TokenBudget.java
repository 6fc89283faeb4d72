package dev.lorikeet.rag;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/// Cuts documents to so many tokens: the first ones whole as long as they fit, the next one after its last sentence that fits. One of which not
/// even the first sentence fits is left out.
///
/// @param count tokens of a text
public record TokenBudget(int tokens, ToIntFunction<String> count) {
    /// What the lines around a document's text may cost beside its title and address.
    private static final int AROUND = 8;

    public List<Document> cut(List<Document> documents) {
        List<Document> kept = new ArrayList<>();
        int left = tokens;
        for (Document document : documents) {
            int room = left - AROUND - count.applyAsInt(document.title()) - count.applyAsInt(document.url());
            String text = cut(document.text(), room);
            if (!text.isEmpty()) {
                kept.add(document.withText(text));
                left = room - count.applyAsInt(text);
            }
            if (!text.isEmpty() && text.length() < document.text().length()) {
                return kept;
            }
        }
        return kept;
    }

    /// What documents cost when they are written.
    public int cost(List<Document> documents) {
        return documents.stream().mapToInt(document -> AROUND + count.applyAsInt(document.title()) + count.applyAsInt(document.url())
                + count.applyAsInt(document.text())).sum();
    }

    private String cut(String text, int room) {
        if (room <= 0 || count.applyAsInt(text) <= room) {
            return room <= 0 ? "" : text;
        }
        List<Sentences.Range> sentences = Sentences.of(text);
        int low = 0;
        int high = sentences.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) / 2;
            if (count.applyAsInt(text.substring(0, sentences.get(middle - 1).end())) <= room) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low == 0 ? "" : text.substring(0, sentences.get(low - 1).end());
    }
}
