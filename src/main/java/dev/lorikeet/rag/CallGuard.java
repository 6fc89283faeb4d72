package dev.lorikeet.rag;

import java.util.List;

/// Stands around calls to a provider: gives each a time limit, tries again what may pass, and stops calling who keeps failing.
@FunctionalInterface
public interface CallGuard {
    List<Document> guard(String source, Call call) throws SearchException, InterruptedException;

    /// One try.
    @FunctionalInterface
    interface Call {
        List<Document> run() throws SearchException, InterruptedException;
    }
}
