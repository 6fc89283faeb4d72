package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lorikeet.rag.Citations;
import dev.lorikeet.rag.Document;
import java.util.List;
import java.util.stream.IntStream;

/// The documents in the prompt of an answer, and what came of the search for them.
///
/// @param question what they are to answer @param numbered whether the prompt gives them numbers
/// @param failures of searches @param lack why there are none, empty if there are some
record Sources(List<Document> documents, String question, boolean numbered, List<String> failures, String lack) {
    /// A part of an answer that is owed to a document, as OpenAI writes it.
    public record Annotation(String type, @JsonProperty("url_citation") UrlCitation urlCitation) {}

    /// @param startIndex its first character in `content`, counted in code points @param endIndex its last one
    public record UrlCitation(@JsonProperty("start_index") int startIndex, @JsonProperty("end_index") int endIndex, String url, String title) {}

    /// What an answer says about its sources beside OpenAI's fields.
    public record Report(Rag rag) {}

    /// @param grounded whether the prompt held documents @param note said where it did not
    public record Rag(boolean grounded, List<Source> sources, @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> failures,
                      @JsonInclude(JsonInclude.Include.NON_EMPTY) String note) {}

    /// @param number in the prompt
    public record Source(int number, String title, String url, String source) {}

    List<Annotation> annotations(String answer) {
        return Citations.of(answer, question, documents, numbered).stream().map(citation -> {
            Document document = documents.get(citation.document());
            return new Annotation("url_citation", new UrlCitation(citation.start(), citation.end(), address(citation.document()),
                    document.title().isEmpty() ? address(citation.document()) : document.title()));
        }).toList();
    }

    Report report() {
        List<Source> sources = IntStream.range(0, documents.size())
                .mapToObj(i -> new Source(i + 1, documents.get(i).title(), address(i), documents.get(i).source())).toList();
        return new Report(new Rag(!documents.isEmpty(), sources, failures, lack.isEmpty() ? "" : "This answer was made without sources: " + lack));
    }

    /// Clients expect an address, so a document that came without one is named by its place in the request.
    private String address(int document) {
        String url = documents.get(document).url();
        return url.isEmpty() ? "document:" + (document + 1) : url;
    }
}
