package dev.lorikeet.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import okhttp3.Response;

/// What a refusal means, from its status and the hub's own headers.
final class Refusals {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration UNSAID = Duration.ofSeconds(60);
    private static final int LONGEST_REASON = 300;
    private static final int LONGEST_BODY = 1 << 14;

    private Refusals() {}

    static HubError of(Response response, RepoRef repo, HubSettings settings) {
        int status = response.code();
        String host = response.request().url().host();
        boolean tokenSent = response.request().header("Authorization") != null;
        if (status == 429) {
            return new HubError.RateLimited(host, HubHttp.wishedWait(response).orElse(UNSAID), tokenSent);
        }
        if (status >= 500 || status == 408) {
            return new HubError.ServerFault(host, status, firstHeader(response, "X-Request-Id", "X-Amzn-Trace-Id", "X-Amz-Cf-Id"));
        }
        String reason = reason(response, settings);
        return switch (response.header("X-Error-Code", "")) {
            case "GatedRepo" -> new HubError.Gated(repo, settings.page(repo), tokenSent);
            case "RepoNotFound" -> new HubError.Missing(repo, settings.page(repo), tokenSent);
            case "RevisionNotFound" -> new HubError.WrongRevision(repo);
            case "EntryNotFound" -> new HubError.MissingFile(repo, lastSegments(response));
            default -> byStatus(response, repo, settings, reason);
        };
    }

    private static HubError byStatus(Response response, RepoRef repo, HubSettings settings, String reason) {
        boolean tokenSent = response.request().header("Authorization") != null;
        boolean reading = response.request().method().equals("GET") || response.request().method().equals("HEAD");
        if (reason.startsWith("Invalid credentials")) {
            return new HubError.BadToken(response.request().url().host());
        }
        if (reason.startsWith("Access to this resource is disabled")) {
            return new HubError.Disabled(repo);
        }
        boolean own = response.request().url().host().equals(settings.endpoint().host()) && response.request().url().port() == settings.endpoint().port();
        if (!own) {
            return new HubError.Rejected(response.code(), reason + " (" + response.request().url().host() + ", where the hub keeps large files)");
        }
        return switch (response.code()) {
            case 401, 403 -> reading ? new HubError.Missing(repo, settings.page(repo), tokenSent)
                    : new HubError.NotAllowed("write to " + repo.id(), reason, tokenSent);
            case 404 -> new HubError.Missing(repo, settings.page(repo), tokenSent);
            default -> new HubError.Rejected(response.code(), reason);
        };
    }

    /// The hub's words, without what does not belong into a message.
    private static String reason(Response response, HubSettings settings) {
        String text = response.header("X-Error-Message", "");
        if (text.isEmpty()) {
            try {
                text = fromBody(response.peekBody(LONGEST_BODY).string());
            } catch (IOException _) {
                text = "";
            }
        }
        String shown = text.isBlank() ? "no reason given" : text.replaceAll("\\p{Cntrl}+", " ").replaceAll("https?://\\S*[?&]\\S*", "(address)").strip();
        String hidden = settings.token().map(token -> token.hideIn(shown)).orElse(shown);
        return hidden.length() <= LONGEST_REASON ? hidden : hidden.substring(0, LONGEST_REASON) + "…";
    }

    private static String fromBody(String body) {
        try {
            JsonNode json = JSON.readTree(body);
            JsonNode error = json.path("error");
            String message = error.isTextual() ? error.textValue() : error.path("message").asText("");
            return message.isEmpty() ? json.path("errors").path(0).path("message").asText("") : message;
        } catch (JsonProcessingException _) {
            // A proxy's page, most likely: of no use to anybody.
            return "";
        }
    }

    /// The file's path: what follows `/resolve/{revision}/`.
    private static String lastSegments(Response response) {
        var segments = response.request().url().pathSegments();
        int resolve = segments.indexOf("resolve");
        return resolve < 0 || resolve + 2 >= segments.size() ? segments.getLast() : String.join("/", segments.subList(resolve + 2, segments.size()));
    }

    private static String firstHeader(Response response, String... names) {
        for (String name : names) {
            String value = response.header(name);
            if (value != null) {
                return value.replaceAll("[^A-Za-z0-9:;=._-]", "");
            }
        }
        return "";
    }
}
