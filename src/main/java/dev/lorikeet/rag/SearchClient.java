package dev.lorikeet.rag;

import java.util.List;

/// Something that can be searched. Safe for use by many threads.
public interface SearchClient extends AutoCloseable {
    /// The searches that answer a query, to be run beside each other, each in the order of its importance.
    List<SearchCall> calls(SearchQuery query);

    @Override
    default void close() {}

    /// One search.
    interface SearchCall {
        /// What is searched, such as `naver/blog`.
        String source();

        /// Blocks; may be interrupted. @return the best first
        List<Document> run() throws SearchException, InterruptedException;
    }
}
