package dev.lorikeet.api;

import dev.lorikeet.config.LorikeetConfig;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Keeps the pages of other sites away from a server without keys: a browser on the same machine reaches it too. With keys there is nothing
/// to steal, since no browser adds them by itself.
@ApplicationScoped
public class SiteGuard {
    private static final Pattern LOCAL = Pattern.compile("localhost|([a-z0-9-]+\\.)+localhost|127(\\.[0-9]{1,3}){3}|\\[?::1]?");

    private final boolean local;
    private final String host;
    private final List<String> origins;

    SiteGuard(LorikeetConfig config) {
        this.host = config.host().toLowerCase(Locale.ROOT);
        this.local = LOCAL.matcher(host).matches();
        this.origins = config.corsOrigins().orElse(List.of());
    }

    /// Why a request is not answered, if it is not.
    Optional<ApiError> refusal(HttpServerRequest request) {
        HostAndPort authority = request.authority();
        // A name of an attacker's that leads here (DNS rebinding) makes a page of that name one of this site.
        if (local && authority != null && !isHere(authority.host().toLowerCase(Locale.ROOT))) {
            return Optional.of(new ApiError.Forbidden("Without keys this server answers to localhost only, not to '" + authority.host()
                    + "'. To use it by another name, give it keys (LORIKEET_API_KEYS or --keys-file).", "host_not_allowed"));
        }
        if (AccessFilter.isReading(request)) {
            return Optional.empty();
        }
        String origin = request.getHeader("Origin");
        boolean foreign = origin == null ? isCrossSite(request.getHeader("Sec-Fetch-Site")) : !origins.contains(origin) && !isOwn(origin, authority);
        return foreign ? Optional.of(new ApiError.Forbidden("A page of another site may not change anything here. To allow it, name its origin with --cors-origins.",
                "cross_site")) : Optional.empty();
    }

    private boolean isHere(String name) {
        return LOCAL.matcher(name).matches() || name.equals(host);
    }

    private static boolean isCrossSite(String site) {
        return "cross-site".equals(site) || "same-site".equals(site);
    }

    /// The scheme may be another where a proxy ends TLS.
    private static boolean isOwn(String origin, HostAndPort authority) {
        try {
            String own = new URI(origin).getAuthority();
            return own != null && authority != null && own.equalsIgnoreCase(authority.toString());
        } catch (URISyntaxException _) {
            return false;
        }
    }
}
