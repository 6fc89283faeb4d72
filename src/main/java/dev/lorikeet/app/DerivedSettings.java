package dev.lorikeet.app;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.PropertiesConfigSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.spi.ConfigSource;

/// What Quarkus has to be told where an option of ours is more than the value of one of its own.
public final class DerivedSettings implements ConfigSourceFactory {
    /// Above `application.properties`, below what a user says in Quarkus' own words.
    private static final int ORDINAL = 255;
    private static final String TLS = "lorikeet";
    private static final String EXPOSED = "x-request-id,retry-after,x-should-retry,x-ratelimit-limit-requests,x-ratelimit-remaining-requests,x-ratelimit-reset-requests,"
            + "x-ratelimit-limit-tokens,x-ratelimit-remaining-tokens,x-ratelimit-reset-tokens";

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        var settings = new HashMap<String, String>();
        value(context, Option.TLS_CERTIFICATE).ifPresent(certificate -> settings.putAll(tls(context, certificate)));
        value(context, Option.CORS_ORIGINS).ifPresent(origins -> settings.putAll(Map.of("quarkus.http.cors.enabled", "true", "quarkus.http.cors.origins", origins,
                "quarkus.http.cors.exposed-headers", EXPOSED)));
        return List.of(new PropertiesConfigSource(settings, "options of the server", ORDINAL));
    }

    private static Map<String, String> tls(ConfigSourceContext context, String certificate) {
        String store = "quarkus.tls." + TLS + ".key-store.pem.0.";
        var settings = new HashMap<>(Map.of(store + "cert", certificate, "quarkus.tls." + TLS + ".reload-period", "10m",
                "quarkus.http.tls-configuration-name", TLS, "quarkus.http.insecure-requests", "disabled", "quarkus.http.ssl-port", value(context, Option.PORT).orElse("8080")));
        value(context, Option.TLS_KEY).ifPresent(key -> settings.put(store + "key", key));
        return settings;
    }

    private static Optional<String> value(ConfigSourceContext context, Option option) {
        return Optional.ofNullable(context.getValue(option.property()).getValue()).filter(value -> !value.isEmpty());
    }
}
