package dev.lorikeet.api;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Set;

/// The HTTP layer over a scripted catalog, with limits small enough to reach.
public final class ApiProfile implements QuarkusTestProfile {
    static final int MAX_BODY = 65536;
    static final int MAX_UPLOAD = 300_000;

    @Override
    public Set<Class<?>> getEnabledAlternatives() {
        return Set.of(FakeCatalog.class, FakeTraining.class);
    }

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of("lorikeet.data", data(), "lorikeet.max-upload", String.valueOf(MAX_UPLOAD),
                "lorikeet.keep-alive", "150ms", "lorikeet.client-patience", "2s", "lorikeet.max-body", String.valueOf(MAX_BODY),
                "lorikeet.max-queue", "24", "lorikeet.max-batch", "8", "quarkus.http.test-port", "0");
    }

    private static String data() {
        try {
            return Files.createTempDirectory("lorikeet-api").toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
