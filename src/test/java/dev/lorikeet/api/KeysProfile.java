package dev.lorikeet.api;

import dev.lorikeet.access.KeysFile;
import dev.lorikeet.access.Limits;
import dev.lorikeet.access.Role;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// As [ApiProfile], with keys: two users and an admin by the options, and users with narrow limits in the file.
public final class KeysProfile implements QuarkusTestProfile {
    static final String ALICE = "alice-key-0123456789";
    static final String BOB = "bob-key-0123456789ab";
    static final String ROOT = "root-key-0123456789a";
    static final String FEW_REQUESTS = "few-requests-0123456";
    static final String FEW_TOKENS = "few-tokens-012345678";
    static final String ONE_AT_A_TIME = "one-at-a-time-012345";

    private final ApiProfile api = new ApiProfile();

    @Override
    public Set<Class<?>> getEnabledAlternatives() {
        return api.getEnabledAlternatives();
    }

    @Override
    public Map<String, String> getConfigOverrides() {
        var overrides = new HashMap<>(api.getConfigOverrides());
        overrides.putAll(Map.of("lorikeet.api-keys", "alice:" + ALICE + ",bob:" + BOB, "lorikeet.admin-keys", "root:" + ROOT, "lorikeet.keys-file", file()));
        return overrides;
    }

    private static String file() {
        try {
            Path path = Files.createTempDirectory("lorikeet-keys").resolve("keys.json");
            var file = new KeysFile(path);
            file.add("few-requests", Role.USER, FEW_REQUESTS, new Limits(OptionalLong.of(2), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty()));
            file.add("few-tokens", Role.USER, FEW_TOKENS, new Limits(OptionalLong.empty(), OptionalLong.of(8), OptionalLong.empty(), OptionalLong.empty()));
            file.add("one", Role.USER, ONE_AT_A_TIME, new Limits(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.of(1)));
            return path.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
