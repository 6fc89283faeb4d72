package dev.lorikeet.api;

import dev.lorikeet.rag.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `documents` of a request: `[{title, text, url}]`, of which only the text is needed.
final class RequestDocuments {
    private static final String SOURCE = "request";

    private RequestDocuments() {}

    /// @throws ApiException naming the document that has no text
    static List<Document> read(List<Object> documents) {
        List<Document> read = new ArrayList<>();
        for (int i = 0; i < documents.size(); i++) {
            String path = "documents[" + i + "].text";
            read.add(document(documents.get(i)).orElseThrow(() -> ApiException.invalid(path, "missing_required_parameter",
                    "'" + path + "' is missing or blank: the prompt is built from it, since the model's chat template does not write documents itself.")));
        }
        return read;
    }

    /// Those that can be cited; a chat template may have been given others.
    static List<Document> readable(List<Object> documents) {
        return documents.stream().map(RequestDocuments::document).flatMap(Optional::stream).toList();
    }

    /// The caller's documents as they came, and then those found.
    static List<Object> joined(List<Object> documents, List<Document> found) {
        List<Object> all = new ArrayList<>(documents);
        found.forEach(document -> all.add(Map.of("title", document.title(), "text", document.text(), "url", document.url())));
        return all;
    }

    private static Optional<Document> document(Object value) {
        return value instanceof Map<?, ?> fields && fields.get("text") instanceof String text && !text.isBlank()
                ? Optional.of(new Document(text(fields, "title"), text, text(fields, "url"), SOURCE)) : Optional.empty();
    }

    private static String text(Map<?, ?> fields, String name) {
        return fields.get(name) instanceof String text ? text : "";
    }
}
