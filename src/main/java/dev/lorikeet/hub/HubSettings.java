package dev.lorikeet.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import okhttp3.HttpUrl;

/// Where the hub is, who asks, and where the cache lies: the settings of Python's `huggingface_hub`, by the same names.
///
/// @param offline nothing is asked of any network @param etagTimeout for a question @param downloadTimeout silence that a body may have
public record HubSettings(HttpUrl endpoint, Optional<HubToken> token, Path cache, boolean offline, Duration etagTimeout, Duration downloadTimeout) {
    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");

    public HubSettings {
        if (token.isPresent() && !endpoint.isHttps() && !LOOPBACK.contains(endpoint.host())) {
            throw new IllegalArgumentException("HF_ENDPOINT is plain http on " + endpoint.host()
                    + ": a token would travel unencrypted. Use https, or unset HF_TOKEN and set HF_HUB_DISABLE_IMPLICIT_TOKEN=1");
        }
    }

    /// @param home the user's own folder @throws IllegalArgumentException a variable has a value that cannot be used
    public static HubSettings of(Map<String, String> environment, Path home) {
        var env = new Environment(environment, home);
        Path hfHome = env.path("HF_HOME").or(() -> env.path("XDG_CACHE_HOME").map(cache -> cache.resolve("huggingface")))
                .orElse(home.resolve(".cache").resolve("huggingface"));
        Path cache = env.path("HF_HUB_CACHE").or(() -> env.path("HUGGINGFACE_HUB_CACHE")).orElse(hfHome.resolve("hub"));
        boolean offline = env.isTrue("HF_HUB_OFFLINE") || env.isTrue("TRANSFORMERS_OFFLINE");
        return new HubSettings(env.endpoint(), env.token(hfHome), cache, offline, env.seconds("HF_HUB_ETAG_TIMEOUT", 10),
                env.seconds("HF_HUB_DOWNLOAD_TIMEOUT", 30));
    }

    /// The address of a repository's page, for a person to visit.
    String page(RepoRef repo) {
        return endpoint.newBuilder().addPathSegments(repo.type().urlPrefix() + repo.id()).build().toString();
    }

    private record Environment(Map<String, String> variables, Path home) {

        Optional<String> text(String name) {
            return Optional.ofNullable(variables.get(name)).map(String::strip).filter(value -> !value.isEmpty());
        }

        boolean isTrue(String name) {
            return text(name).filter(value -> TRUE.contains(value.toUpperCase(java.util.Locale.ROOT))).isPresent();
        }

        Optional<Path> path(String name) {
            return text(name).map(value -> value.equals("~") || value.startsWith("~/") ? home.resolve(value.substring(Math.min(2, value.length())))
                    : Path.of(value));
        }

        Duration seconds(String name, int otherwise) {
            return text(name).map(value -> {
                if (!value.matches("[1-9][0-9]{0,5}")) {
                    throw new IllegalArgumentException(name + " is `" + value + "`; it must be a number of seconds");
                }
                return Duration.ofSeconds(Long.parseLong(value));
            }).orElse(Duration.ofSeconds(otherwise));
        }

        HttpUrl endpoint() {
            String url = text("HF_ENDPOINT").orElse("https://huggingface.co").replaceAll("/+$", "");
            return Optional.ofNullable(HttpUrl.Companion.parse(url))
                    .orElseThrow(() -> new IllegalArgumentException("HF_ENDPOINT is no http or https address, such as https://huggingface.co"));
        }

        Optional<HubToken> token(Path hfHome) {
            var named = text("HF_TOKEN").or(() -> text("HUGGING_FACE_HUB_TOKEN"));
            if (named.isPresent() || isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
                return named.map(HubToken::new);
            }
            Path file = path("HF_TOKEN_PATH").orElse(hfHome.resolve("token"));
            try {
                return Files.isRegularFile(file) ? Optional.of(Files.readString(file).strip()).filter(t -> !t.isEmpty()).map(HubToken::new) : Optional.empty();
            } catch (IOException e) {
                throw new IllegalArgumentException("the hub's token file " + file + " cannot be read: " + e.getMessage(), e);
            }
        }
    }
}
