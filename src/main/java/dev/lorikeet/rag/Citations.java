package dev.lorikeet.rag;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// Which documents an answer used, and where.
///
/// If the answer holds markers such as `[1]` or `[1, 3]` that number a document, they are the citations: each covers its sentence, marker included.
/// Otherwise a sentence cites the document that holds most of its [Shingles], those of the question left aside, if it has at least eight and
/// half of them are there.
public final class Citations {
    private static final Pattern MARKERS = Pattern.compile("\\[(\\d{1,3}(?:\\s*,\\s*\\d{1,3})*)]");
    private static final Pattern LEADING = Pattern.compile("(?:\\s*" + MARKERS.pattern() + ")+[.。]?");
    private static final int FEWEST_SHINGLES = 8;
    private static final double HALF = 0.5;

    private Citations() {}

    /// @param document its place in the list, from 0 @param start the first character (code point) of the answer that it supports
    /// @param end the last one, as OpenAI defines it
    public record Citation(int document, int start, int end) {}

    /// @param numbered whether the prompt gave the documents numbers
    public static List<Citation> of(String answer, String question, List<Document> documents, boolean numbered) {
        List<Sentences.Range> sentences = joined(answer);
        List<Citation> marked = numbered ? marked(answer, sentences, documents.size()) : List.of();
        return marked.isEmpty() ? overlapping(answer, sentences, question, documents) : marked;
    }

    /// Sentences with the markers that follow them on the same line: "So it is. [1]" is one.
    private static List<Sentences.Range> joined(String answer) {
        List<Sentences.Range> joined = new ArrayList<>();
        for (Sentences.Range sentence : Sentences.of(answer)) {
            Matcher leading = LEADING.matcher(answer).region(sentence.start(), sentence.end());
            boolean follows = !joined.isEmpty() && !answer.substring(joined.getLast().end(), sentence.start()).contains("\n");
            if (!follows || !leading.lookingAt()) {
                joined.add(sentence);
            } else {
                joined.add(new Sentences.Range(joined.removeLast().start(), leading.end()));
                int rest = leading.end();
                while (rest < sentence.end() && Character.isWhitespace(answer.charAt(rest))) {
                    rest++;
                }
                if (rest < sentence.end()) {
                    joined.add(new Sentences.Range(rest, sentence.end()));
                }
            }
        }
        return joined;
    }

    private static List<Citation> marked(String answer, List<Sentences.Range> sentences, int documents) {
        Set<Citation> citations = new LinkedHashSet<>();
        for (Sentences.Range sentence : sentences) {
            Matcher marker = MARKERS.matcher(answer).region(sentence.start(), sentence.end());
            while (marker.find()) {
                for (String number : marker.group(1).split(",")) {
                    int document = Integer.parseInt(number.strip()) - 1;
                    if (document >= 0 && document < documents) {
                        citations.add(citation(answer, sentence, document));
                    }
                }
            }
        }
        return List.copyOf(citations);
    }

    private static List<Citation> overlapping(String answer, List<Sentences.Range> sentences, String question, List<Document> documents) {
        Shingles asked = Shingles.of(question);
        List<Shingles> contents = documents.stream().map(document -> Shingles.of(document.title() + "\n" + document.text())).toList();
        List<Citation> citations = new ArrayList<>();
        for (Sentences.Range sentence : sentences) {
            Shingles said = Shingles.of(answer.substring(sentence.start(), sentence.end())).without(asked);
            if (said.size() >= FEWEST_SHINGLES) {
                best(said, contents).ifPresent(document -> citations.add(citation(answer, sentence, document)));
            }
        }
        return citations;
    }

    private static Optional<Integer> best(Shingles said, List<Shingles> contents) {
        return IntStream.range(0, contents.size()).boxed().filter(i -> said.containedIn(contents.get(i)) >= HALF)
                .max(Comparator.comparingDouble((Integer i) -> said.containedIn(contents.get(i))).thenComparing(Comparator.reverseOrder()));
    }

    private static Citation citation(String answer, Sentences.Range sentence, int document) {
        return new Citation(document, answer.codePointCount(0, sentence.start()), answer.codePointCount(0, sentence.end()) - 1);
    }
}
