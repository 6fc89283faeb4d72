package dev.lorikeet.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;

/// The hub's questions and answers for reading: revisions, listings, files.
public final class HubClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"?next\"?");
    private static final int MOST_REDIRECTS = 10;

    private final HubHttp http;

    public HubClient(HubSettings settings, Pause pause) {
        this.http = new HubHttp(settings, pause);
    }

    HubHttp http() {
        return http;
    }

    public HubSettings settings() {
        return http.settings();
    }

    /// The commit that a revision means now.
    public String commit(RepoRef repo, Patience patience) throws InterruptedException {
        var url = http.api(repo).addPathSegment("revision").addPathSegment(repo.revision().name()).build();
        String sha = json(http.request(url).build(), repo, patience).path("sha").asText();
        if (!Revision.isCommit(sha)) {
            throw new HubException(new HubError.NotAHub(url.host(), "it names no commit for " + repo));
        }
        return sha;
    }

    /// All files of a commit, page by page.
    public Listing listing(RepoRef repo, String commit, Patience patience) throws InterruptedException {
        var files = new ArrayList<RemoteFile>();
        Optional<HttpUrl> page = Optional.of(http.api(repo).addPathSegment("tree").addPathSegment(commit)
                .addQueryParameter("recursive", "true").addQueryParameter("expand", "false").build());
        while (page.isPresent()) {
            try (var response = http.call(http.request(page.get()).build(), repo, patience)) {
                addFiles(parse(response), repo, files);
                page = next(response);
            }
        }
        return Listing.of(files);
    }

    private static void addFiles(JsonNode entries, RepoRef repo, List<RemoteFile> files) {
        for (var entry : entries) {
            if (entry.path("type").asText().equals("file")) {
                String path = entry.path("path").asText();
                if (!RemoteFile.isSafe(path)) {
                    throw new HubException(new HubError.UnsafeName(repo, path));
                }
                try {
                    files.add(Listing.ofTree(entry));
                } catch (IllegalArgumentException e) {
                    throw new HubException(new HubError.NotAHub("The hub", "an entry of a listing is incomplete: " + e.getMessage()), e);
                }
            }
        }
    }

    /// The next page, asked of this hub even where a mirror hands on the public hub's address.
    private Optional<HttpUrl> next(Response response) {
        Matcher next = NEXT.matcher(response.header("Link", ""));
        if (!next.find()) {
            return Optional.empty();
        }
        HttpUrl url = response.request().url().resolve(next.group(1));
        if (url == null || !http.isHub(url)) {
            throw new HubException(new HubError.NotAHub(response.request().url().host(), "the next page of a listing is on another host"));
        }
        var own = settings().endpoint();
        return Optional.of(url.newBuilder().scheme(own.scheme()).host(own.host()).port(own.port()).build());
    }

    /// Hash, size and place of a file. Redirects are followed as long as they stay on the hub; what leads away is where the bytes are.
    FileFacts facts(RepoRef repo, String commit, String path, Patience patience) throws InterruptedException {
        HttpUrl url = fileUrl(repo, commit, path);
        for (int i = 0; i < MOST_REDIRECTS; i++) {
            var request = http.request(url).head().header("Accept-Encoding", "identity").build();
            try (var response = http.checked(http.send(request, patience), repo)) {
                if (!HubHttp.isRedirect(response)) {
                    return facts(response, url);
                }
                HttpUrl to = http.target(response);
                if (!http.isHub(to)) {
                    return facts(response, to);
                }
                url = to;
            }
        }
        throw new HubException(new HubError.NotAHub(url.host(), "it redirects without end"));
    }

    private static FileFacts facts(Response response, HttpUrl location) {
        String etag = normalised(response.header("X-Linked-Etag", response.header("ETag", "")));
        String commit = response.header("X-Repo-Commit", "");
        String size = response.header("X-Linked-Size", HubHttp.isRedirect(response) ? "" : response.header("Content-Length", ""));
        if (etag.isEmpty() || commit.isEmpty() || !size.matches("[0-9]{1,18}")) {
            throw new HubException(new HubError.NotAHub(response.request().url().host(), "a file comes without ETag, commit (X-Repo-Commit) or size"));
        }
        return new FileFacts(commit, etag, Long.parseLong(size), location);
    }

    static String normalised(String etag) {
        return etag.replaceFirst("^W/", "").replace("\"", "");
    }

    /// The public address of a file, which is no secret.
    HttpUrl fileUrl(RepoRef repo, String commit, String path) {
        return settings().endpoint().newBuilder().addPathSegments(repo.type().urlPrefix() + repo.id()).addPathSegment("resolve")
                .addPathSegment(commit).addPathSegments(path).build();
    }

    /// The bytes from `from` to the end, or to `to` if that is not the end. The caller closes the response.
    Response bytes(FileFacts file, long from, long to) throws InterruptedException {
        var request = http.request(file.location()).header("Accept-Encoding", "identity");
        if (from > 0 || to < file.size()) {
            request.header("Range", "bytes=" + from + "-" + (to - 1));
        }
        return http.send(request.build(), Patience.LONG);
    }

    JsonNode json(Request request, RepoRef repo, Patience patience) throws InterruptedException {
        try (var response = http.call(request, repo, patience)) {
            return parse(response);
        }
    }

    static JsonNode parse(Response response) throws InterruptedException {
        String host = response.request().url().host();
        try {
            return JSON.readTree(response.body().bytes());
        } catch (JsonProcessingException e) {
            throw new HubException(new HubError.NotAHub(host, "it sent something else than JSON"), e);
        } catch (IOException e) {
            HubHttp.throwIfInterrupted();
            throw HubHttp.noNetwork(response.request().url(), e);
        }
    }
}
