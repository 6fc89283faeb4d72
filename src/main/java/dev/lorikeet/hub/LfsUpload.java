package dev.lorikeet.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;

/// Large files, by Git LFS: the hub says which objects it lacks and where they go, whole or in parts. An upload that broke off is begun
/// again by asking anew: what has arrived is not sent twice.
final class LfsUpload {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LFS_JSON = "application/vnd.git-lfs+json";
    private static final int BATCH = 256;

    private final HubHttp http;
    private final RepoRef repo;
    private final TransferMeter meter;

    LfsUpload(HubHttp http, RepoRef repo, TransferMeter meter) {
        this.http = http;
        this.repo = repo;
        this.meter = meter;
    }

    /// @param files by SHA-256; the same content goes once
    void send(Map<String, LocalFile> files) throws InterruptedException {
        var oids = List.copyOf(files.keySet());
        for (int from = 0; from < oids.size(); from += BATCH) {
            var tasks = new ArrayList<Callable<Void>>();
            for (JsonNode object : batch(oids.subList(from, Math.min(oids.size(), from + BATCH)), files)) {
                String oid = object.path("oid").asText();
                LocalFile file = files.get(oid);
                if (file == null || object.has("error")) {
                    throw new HubException(new HubError.Rejected(object.path("error").path("code").asInt(422),
                            (file == null ? oid : file.path()) + ": " + object.path("error").path("message").asText("not asked for")));
                }
                tasks.add(() -> {
                    send(oid, file, object.path("actions"));
                    return null;
                });
            }
            Parallel.run(tasks);
        }
    }

    private JsonNode batch(List<String> oids, Map<String, LocalFile> files) throws InterruptedException {
        ObjectNode body = JSON.createObjectNode().put("operation", "upload").put("hash_algo", "sha256");
        body.putArray("transfers").add("basic").add("multipart");
        body.putObject("ref").put("name", repo.revision().name());
        var objects = body.putArray("objects");
        oids.forEach(oid -> objects.addObject().put("oid", oid).put("size", files.get(oid).size()));
        var url = http.settings().endpoint().newBuilder().addPathSegments(repo.type().urlPrefix() + repo.id() + ".git/info/lfs/objects/batch").build();
        JsonNode answer = json(lfsRequest(url, body));
        if (!answer.path("objects").isArray()) {
            throw new HubException(new HubError.NotAHub(url.host(), "its LFS batch names no objects"));
        }
        return answer.path("objects");
    }

    private void send(String oid, LocalFile file, JsonNode actions) throws InterruptedException {
        if (!actions.has("upload")) {
            // It is there already, from an earlier attempt or another repository.
            meter.moved(file.path(), file.size());
            return;
        }
        JsonNode upload = actions.path("upload");
        HttpUrl url = address(upload.path("href").asText());
        long partSize = upload.path("header").path("chunk_size").asLong(0);
        if (partSize > 0) {
            sendParts(oid, file, upload.path("header"), partSize, url);
        } else {
            put(url, file, 0, file.size()).close();
        }
        if (actions.has("verify")) {
            var verify = JSON.createObjectNode().put("oid", oid).put("size", file.size());
            http.call(lfsRequest(address(actions.path("verify").path("href").asText()), verify), repo, Patience.LONG).close();
        }
    }

    private void sendParts(String oid, LocalFile file, JsonNode header, long partSize, HttpUrl complete) throws InterruptedException {
        var parts = new TreeMap<Integer, HttpUrl>();
        header.properties().stream().filter(entry -> entry.getKey().matches("[0-9]{1,6}"))
                .forEach(entry -> parts.put(Integer.parseInt(entry.getKey()), address(entry.getValue().asText())));
        if (parts.size() != (file.size() + partSize - 1) / partSize || parts.isEmpty() || parts.lastKey() != parts.size()) {
            throw new HubException(new HubError.NotAHub(complete.host(), "it gives " + parts.size() + " addresses for " + file.size() + " bytes in parts of " + partSize));
        }
        var tasks = new ArrayList<Callable<String>>();
        parts.forEach((number, url) -> tasks.add(() -> {
            long from = (number - 1) * partSize;
            try (var response = put(url, file, from, Math.min(file.size(), from + partSize))) {
                return response.header("ETag", "");
            }
        }));
        // A few at a time: each is a connection of its own.
        var etags = new ArrayList<String>();
        for (int i = 0; i < tasks.size(); i += 4) {
            etags.addAll(Parallel.run(tasks.subList(i, Math.min(tasks.size(), i + 4))));
        }
        ObjectNode body = JSON.createObjectNode().put("oid", oid);
        var named = body.putArray("parts");
        for (int i = 0; i < etags.size(); i++) {
            named.addObject().put("partNumber", i + 1).put("etag", etags.get(i));
        }
        http.call(lfsRequest(complete, body), repo, Patience.LONG).close();
    }

    /// Sends bytes to a store: without the token, since the address is signed (the hub's own addresses do get it).
    private okhttp3.Response put(HttpUrl url, LocalFile file, long from, long to) throws InterruptedException {
        var request = http.request(url).put(file.body(from, to, n -> meter.moved(file.path(), n))).build();
        return http.checked(http.send(request, Patience.LONG), repo);
    }

    private Request lfsRequest(HttpUrl url, JsonNode body) {
        byte[] bytes = body.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return http.request(url).header("Accept", LFS_JSON).post(RequestBody.create(bytes, MediaType.get(LFS_JSON))).build();
    }

    private JsonNode json(Request request) throws InterruptedException {
        try (var response = http.call(request, repo, Patience.LONG)) {
            return HubClient.parse(response);
        }
    }

    private HttpUrl address(String text) {
        HttpUrl url = HttpUrl.Companion.parse(text);
        if (url == null || http.settings().endpoint().isHttps() && !url.isHttps()) {
            throw new HubException(new HubError.NotAHub(http.settings().endpoint().host(), "an address for an upload is no https address"));
        }
        return url;
    }

    /// Hashes a file; what cannot be read is named.
    static String sha256(LocalFile file) {
        try {
            return file.sha256();
        } catch (IOException e) {
            throw HubCache.local(java.nio.file.Path.of(file.path()), e);
        }
    }
}
