package dev.lorikeet.rag;

import java.util.List;

/// How a model's answers are grounded where a request does not say.
///
/// @param search without being asked @param require an error in place of an answer without sources
/// @param types where NAVER looks @param count documents that a search may put into a prompt
public record RagOptions(boolean search, boolean require, List<SearchType> types, int count, PromptTemplate template) {
    public static final int MOST_DOCUMENTS = 20;

    public RagOptions {
        types = List.copyOf(types);
        if (types.isEmpty()) {
            throw new IllegalArgumentException("types is empty; known are " + SearchType.words());
        }
        if (count < 1 || count > MOST_DOCUMENTS) {
            throw new IllegalArgumentException("count is " + count + "; it must be 1 to " + MOST_DOCUMENTS);
        }
    }
}
