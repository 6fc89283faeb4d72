package dev.lorikeet.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/// Sends requests: the token to the hub's own origin and nowhere else, no redirect followed without looking, unwilling hubs asked again.
final class HubHttp {
    private static final Set<Integer> ASK_AGAIN = Set.of(408, 429, 500, 502, 503, 504);
    private static final Set<Integer> REDIRECT = Set.of(301, 302, 303, 307, 308);
    private static final Set<String> PUBLIC_HUB = Set.of("huggingface.co", "hf.co");
    private static final Pattern RESET = Pattern.compile("(?:^|;)\\s*t=([0-9]{1,6})");
    private static final int MOST_REDIRECTS = 10;
    private static final String USER_AGENT = "lorikeet/1.0; java/" + Runtime.version().feature();

    private final HubSettings settings;
    private final Pause pause;
    private final OkHttpClient client;

    HubHttp(HubSettings settings, Pause pause) {
        this.settings = settings;
        this.pause = pause;
        this.client = new OkHttpClient.Builder().followRedirects(false).followSslRedirects(false).connectTimeout(settings.etagTimeout())
                .readTimeout(settings.downloadTimeout()).writeTimeout(settings.downloadTimeout()).callTimeout(Duration.ZERO).build();
    }

    HubSettings settings() {
        return settings;
    }

    HttpUrl.Builder api(RepoRef repo) {
        return settings.endpoint().newBuilder().addPathSegment("api").addPathSegment(repo.type().plural())
                .addPathSegment(repo.id().owner()).addPathSegment(repo.id().name());
    }

    /// A request that bears the token if, and only if, it goes to the hub's own scheme, host and port.
    Request.Builder request(HttpUrl url) {
        var request = new Request.Builder().url(url).header("User-Agent", USER_AGENT);
        if (isOwn(url)) {
            settings.token().ifPresent(token -> request.header("Authorization", token.authorization()));
        }
        return request;
    }

    boolean isOwn(HttpUrl url) {
        var own = settings.endpoint();
        return url.scheme().equals(own.scheme()) && url.host().equals(own.host()) && url.port() == own.port();
    }

    /// Whether what lies there is still the hub, and not a store that it sends clients to.
    boolean isHub(HttpUrl url) {
        return isOwn(url) || url.isHttps() && PUBLIC_HUB.contains(url.host());
    }

    static boolean isRedirect(Response response) {
        return REDIRECT.contains(response.code()) && response.header("Location") != null;
    }

    /// Where a redirect leads. @throws HubException nowhere, or from https to http
    HttpUrl target(Response redirect) {
        HttpUrl from = redirect.request().url();
        HttpUrl to = from.resolve(redirect.header("Location", ""));
        if (to == null || from.isHttps() && !to.isHttps()) {
            throw new HubException(new HubError.NotAHub(from.host(), "it redirects to an address that is no https address"));
        }
        return to;
    }

    /// Sends, follows redirects on the same origin (a renamed repository), and makes every refusal an exception.
    Response call(Request first, RepoRef repo, Patience patience) throws InterruptedException {
        Request request = first;
        for (int i = 0; i < MOST_REDIRECTS; i++) {
            var response = checked(send(request, patience), repo);
            if (!isRedirect(response)) {
                return response;
            }
            try (response) {
                HttpUrl to = target(response);
                boolean sameMethod = request.method().equals("GET") || response.code() == 307 || response.code() == 308;
                if (!isOwn(to) || !sameMethod) {
                    throw new HubException(new HubError.NotAHub(request.url().host(), "its API redirects to " + to.host()));
                }
                request = request.newBuilder().url(to).build();
            }
        }
        throw new HubException(new HubError.NotAHub(first.url().host(), "it redirects without end"));
    }

    /// The response if it is a success or a redirect.
    Response checked(Response response, RepoRef repo) {
        if (response.isSuccessful() || isRedirect(response)) {
            return response;
        }
        try (response) {
            throw new HubException(Refusals.of(response, repo, settings));
        }
    }

    /// Sends once or, if the hub is unwilling, again. The caller closes the response.
    ///
    /// @throws HubException no answer at all @throws InterruptedException the transfer was cancelled
    Response send(Request request, Patience patience) throws InterruptedException {
        if (settings.offline()) {
            throw new HubException(new HubError.NoNetwork(request.url().host(), "offline mode is on (HF_HUB_OFFLINE)"));
        }
        for (int attempt = 1;; attempt++) {
            Duration wait = patience.waitAfter(attempt);
            try {
                var response = client.newCall(request).execute();
                wait = wishedWait(response).orElse(wait);
                if (!ASK_AGAIN.contains(response.code()) || attempt >= patience.tries() || wait.compareTo(patience.longestWait()) > 0) {
                    return response;
                }
                response.close();
            } catch (IOException e) {
                throwIfInterrupted();
                if (attempt >= patience.tries()) {
                    throw noNetwork(request.url(), e);
                }
            }
            pause.of(wait);
        }
    }

    void pause(Duration time) throws InterruptedException {
        pause.of(time);
    }

    static HubException noNetwork(HttpUrl url, IOException e) {
        String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage().replaceAll("https?://\\S+", url.host());
        return new HubException(new HubError.NoNetwork(url.host(), reason), e);
    }

    /// An interrupt ends OkHttp's calls as some I/O error or other.
    static void throwIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the transfer was cancelled");
        }
    }

    /// How long the hub asks to wait: its own header first, then the standard one. Both count seconds.
    static Optional<Duration> wishedWait(Response response) {
        if (response.code() != 429 && response.code() != 503) {
            return Optional.empty();
        }
        Matcher reset = RESET.matcher(response.header("RateLimit", ""));
        if (response.code() == 429 && reset.find()) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(reset.group(1)) + 1));
        }
        String after = response.header("Retry-After", "").strip();
        return after.matches("[0-9]{1,6}") ? Optional.of(Duration.ofSeconds(Long.parseLong(after))) : Optional.empty();
    }
}
