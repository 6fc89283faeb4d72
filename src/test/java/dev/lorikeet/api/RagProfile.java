package dev.lorikeet.api;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;
import java.util.Set;

/// The HTTP layer over a scripted catalog and a server that behaves as NAVER's.
public final class RagProfile implements QuarkusTestProfile {
    @Override
    public Set<Class<?>> getEnabledAlternatives() {
        return Set.of(FakeCatalog.class, FakeSearches.class);
    }

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of("quarkus.http.test-port", "0", "lorikeet.search-types", "blog,news", "lorikeet.rag.count", "3",
                "lorikeet.rag.\"org/name:tag\".search", "true", "lorikeet.rag.\"org/name:tag\".count", "1");
    }
}
