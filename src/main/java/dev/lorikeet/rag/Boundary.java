package dev.lorikeet.rag;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// A name for the block of documents that no document can know, new for every request.
final class Boundary {
    private static final String LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
    private static final int LENGTH = 8;

    private Boundary() {}

    static String draw(RandomGenerator random, String question, List<Document> documents) {
        while (true) {
            var name = new StringBuilder();
            random.ints(LENGTH, 0, LETTERS.length()).mapToObj(LETTERS::charAt).forEach(name::append);
            String boundary = name.toString();
            if (Stream.concat(Stream.of(question), documents.stream().flatMap(document -> Stream.of(document.title(), document.text(), document.url())))
                    .noneMatch(text -> text.contains(boundary))) {
                return boundary;
            }
        }
    }
}
