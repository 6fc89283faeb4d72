package dev.lorikeet.api;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;
import java.util.Set;

/// The HTTP layer over a scripted catalog, with limits small enough to reach.
public final class ApiProfile implements QuarkusTestProfile {
    static final int MAX_BODY = 65536;

    @Override
    public Set<Class<?>> getEnabledAlternatives() {
        return Set.of(FakeCatalog.class);
    }

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of("lorikeet.keep-alive", "150ms", "lorikeet.client-patience", "2s", "lorikeet.max-body", String.valueOf(MAX_BODY),
                "lorikeet.max-queue", "24", "lorikeet.max-batch", "8", "quarkus.http.test-port", "0");
    }
}
