package dev.lorikeet.api;

import dev.lorikeet.rag.CallGuard;
import dev.lorikeet.rag.FakeNaver;
import dev.lorikeet.rag.NaverProvider;
import dev.lorikeet.rag.NaverSearch;
import dev.lorikeet.rag.Retrieval;
import dev.lorikeet.rag.SearchAddress;
import dev.lorikeet.rag.SearchQuery;
import io.quarkus.arc.Unremovable;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/// Searches a [FakeNaver], new for every test so that no quota, rate or memory is left of the one before.
@Alternative
@ApplicationScoped
@Unremovable
public class FakeSearches {
    static final Duration LIMIT = Duration.ofSeconds(5);
    private final FakeNaver naver = start();
    private volatile NaverSearch search = client();

    private static FakeNaver start() {
        try {
            return new FakeNaver(NaverProvider.DEVELOPERS_CENTER);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private NaverSearch client() {
        CallGuard oneTry = (source, call) -> call.run();
        return new NaverSearch(new NaverSearch.Account(naver.provider(), SearchAddress.parse(naver.address()), FakeNaver.KEYS), NaverSearch.http(LIMIT), oneTry,
                Duration.ofMinutes(10), InstantSource.system());
    }

    void reset() {
        naver.reset();
        search = client();
    }

    FakeNaver naver() {
        return naver;
    }

    @Produces
    @Alternative
    @Singleton
    Retrieval retrieval() {
        return new Retrieval(List.of((SearchQuery query) -> search.calls(query)), LIMIT);
    }

    @PreDestroy
    void stop() {
        naver.close();
    }
}
