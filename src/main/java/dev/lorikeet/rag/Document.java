package dev.lorikeet.rag;

import java.util.Objects;

/// A piece of text that an answer may use. All of it is data, whoever wrote it.
///
/// @param title may be empty @param url where a reader finds it; may be empty
/// @param source which search found it, such as `naver/blog`, or `request`
public record Document(String title, String text, String url, String source) {
    public Document {
        Objects.requireNonNull(title, "title");
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(source, "source");
        if (text.isBlank()) {
            throw new IllegalArgumentException("a document needs text");
        }
    }

    Document withText(String shorter) {
        return new Document(title, shorter, url, source);
    }
}
