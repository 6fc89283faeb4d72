package dev.lorikeet.hub;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.HttpUrl;
import okio.Buffer;

/// The reading half of [FakeHub]: metadata, listings, `resolve` with its two kinds of redirect.
final class FakeHubReads {
    /// Small, so that every test with a few files sees more than one page.
    private static final int PAGE = 3;

    private final FakeHub hub;

    FakeHubReads(FakeHub hub) {
        this.hub = hub;
    }

    MockResponse answer(RecordedRequest request) {
        List<String> path = request.getUrl().pathSegments();
        if (path.getFirst().equals("api")) {
            return api(request, path.subList(1, path.size()));
        }
        boolean dataset = path.getFirst().equals("datasets");
        var rest = dataset ? path.subList(1, path.size()) : path;
        if (rest.size() < 5 || !rest.get(2).equals("resolve")) {
            return FakeHub.error(404, "", "Not Found");
        }
        String id = rest.get(0) + "/" + rest.get(1);
        return resolve(request, dataset ? "datasets" : "models", id, rest.get(3), String.join("/", rest.subList(4, rest.size())));
    }

    private MockResponse api(RecordedRequest request, List<String> path) {
        if (path.getFirst().equals("whoami-v2")) {
            var token = FakeHub.token(request);
            return !token.equals(Optional.of(FakeHub.OWNER)) && !token.equals(Optional.of(FakeHub.STRANGER))
                    ? FakeHub.error(401, "", token.isEmpty() ? "Invalid username or password." : "Invalid credentials in Authorization header")
                    : FakeHub.json(Map.of("type", "user", "name", "acme", "orgs", List.of(), "auth", Map.of("type", "access_token")));
        }
        if (path.getFirst().equals("resolve-cache")) {
            return small(request, path.get(1), path.get(2) + "/" + path.get(3), path.get(4), String.join("/", path.subList(5, path.size())));
        }
        String type = path.get(0);
        String id = path.get(1) + "/" + path.get(2);
        String what = path.size() > 3 ? path.get(3) : "revision";
        String revision = path.size() > 4 ? path.get(4) : "main";
        if (hub.newName(id).isPresent()) {
            return redirect(307, request.getUrl().toString().replace(id, hub.newName(id).get()).replace(hub.url().toString(), "/")).build();
        }
        return denial(request, type, id, false).orElseGet(() -> {
            FakeRepo repo = hub.find(type + "/" + id).orElseThrow();
            if (what.equals("auth-check")) {
                return denial(request, type, id, true).orElseGet(() -> FakeHub.json(Map.of()));
            }
            return repo.sha(revision).map(sha -> switch (what) {
                case "revision" -> FakeHub.json(info(repo, id, sha, "true".equals(request.getUrl().queryParameter("blobs"))));
                case "tree" -> tree(request, repo, sha);
                case "paths-info" -> FakeHub.json(pathsInfo(request, repo, sha));
                default -> FakeHub.error(404, "", "Not Found");
            }).orElseGet(() -> FakeHub.error(404, "RevisionNotFound", "Invalid rev id: " + revision));
        });
    }

    /// Why a caller may not see a repository. @param files whether its files are asked for: a gated repository shows its description
    Optional<MockResponse> denial(RecordedRequest request, String type, String id, boolean files) {
        Optional<String> token = FakeHub.token(request);
        if (token.isPresent() && !token.get().equals(FakeHub.OWNER) && !token.get().equals(FakeHub.STRANGER)) {
            return Optional.of(FakeHub.error(401, "", "Invalid credentials in Authorization header"));
        }
        var access = hub.find(type + "/" + id).map(repo -> repo.access);
        boolean owner = token.equals(Optional.of(FakeHub.OWNER));
        if (access.isEmpty() || access.get() == FakeRepo.Access.PRIVATE && !owner) {
            return Optional.of(token.isEmpty() ? FakeHub.error(401, "RepoNotFound", "Invalid username or password.")
                    : FakeHub.error(404, "RepoNotFound", "Repository not found"));
        }
        if (access.get() == FakeRepo.Access.DISABLED) {
            return Optional.of(FakeHub.error(403, "", "Access to this resource is disabled."));
        }
        if (access.get() == FakeRepo.Access.GATED && files && !owner) {
            return Optional.of(FakeHub.error(token.isEmpty() ? 401 : 403, "GatedRepo", "Access to " + type.replaceFirst("s$", "") + " " + id + " is restricted."));
        }
        return Optional.empty();
    }

    private static Map<String, Object> info(FakeRepo repo, String id, String sha, boolean blobs) {
        var info = new LinkedHashMap<String, Object>(Map.of("_id", "66aa", "id", id, "author", id.substring(0, id.indexOf('/')), "sha", sha,
                "private", repo.access == FakeRepo.Access.PRIVATE, "gated", repo.access == FakeRepo.Access.GATED ? "manual" : false, "disabled", false,
                "downloads", 0, "likes", 0, "tags", List.of()));
        info.put("lastModified", "2026-08-01T09:12:44.000Z");
        info.put("createdAt", "2026-07-30T02:00:00.000Z");
        info.put("siblings", repo.files(sha).orElseThrow().entrySet().stream().map(file -> {
            var sibling = new LinkedHashMap<String, Object>(Map.of("rfilename", file.getKey()));
            if (blobs) {
                sibling.put("size", file.getValue().length);
                sibling.put("blobId", FakeRepo.isLfs(file.getKey()) ? FakeRepo.pointerId(file.getValue()) : FakeRepo.blobId(file.getValue()));
            }
            return sibling;
        }).toList());
        return info;
    }

    private static MockResponse tree(RecordedRequest request, FakeRepo repo, String sha) {
        var entries = new ArrayList<Map<String, Object>>();
        var folders = new TreeSet<String>();
        repo.files(sha).orElseThrow().forEach((path, content) -> {
            for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
                folders.add(path.substring(0, slash));
            }
            entries.add(entry(path, content));
        });
        folders.forEach(folder -> entries.add(Map.of("type", "directory", "path", folder, "oid", "7".repeat(40), "size", 0)));
        int from = Optional.ofNullable(request.getUrl().queryParameter("cursor")).map(Integer::parseInt).orElse(0);
        int to = Math.min(entries.size(), from + PAGE);
        var page = FakeHub.json(entries.subList(from, to)).newBuilder();
        if (to < entries.size()) {
            var next = request.getUrl().newBuilder().setQueryParameter("cursor", String.valueOf(to)).build();
            page.setHeader("Link", "<" + next + ">; rel=\"next\"");
        }
        return page.build();
    }

    private static Map<String, Object> entry(String path, byte[] content) {
        var entry = new LinkedHashMap<String, Object>(Map.of("type", "file", "path", path, "size", content.length));
        entry.put("oid", FakeRepo.isLfs(path) ? FakeRepo.pointerId(content) : FakeRepo.blobId(content));
        if (FakeRepo.isLfs(path)) {
            entry.put("lfs", Map.of("oid", FakeRepo.sha256(content), "size", content.length, "pointerSize", 134));
        }
        return entry;
    }

    private static List<Map<String, Object>> pathsInfo(RecordedRequest request, FakeRepo repo, String sha) {
        String form = request.getBody().string(StandardCharsets.UTF_8);
        Stream<String> paths = form.startsWith("{") ? Stream.of(FakeHub.body(request).path("paths")).flatMap(list -> Stream.iterate(0, i -> i < list.size(), i -> i + 1)
                .map(i -> list.get(i).asText())) : HttpUrl.get("http://x/?" + form).queryParameterValues("paths").stream();
        var files = repo.files(sha).orElseThrow();
        return paths.filter(files::containsKey).map(path -> entry(path, files.get(path))).toList();
    }

    private MockResponse resolve(RecordedRequest request, String type, String id, String revision, String file) {
        if (hub.newName(id).isPresent()) {
            return redirect(307, request.getUrl().encodedPath().replace(id, hub.newName(id).get())).build();
        }
        return denial(request, type, id, true).orElseGet(() -> {
            FakeRepo repo = hub.find(type + "/" + id).orElseThrow();
            Optional<String> sha = repo.sha(revision);
            if (sha.isEmpty()) {
                return FakeHub.error(404, "RevisionNotFound", "Invalid rev id: " + revision);
            }
            byte[] content = repo.files(sha.get()).orElseThrow().get(file);
            if (content == null) {
                return FakeHub.error(404, "EntryNotFound", "Entry not found").newBuilder().setHeader("X-Repo-Commit", sha.get()).build();
            }
            if (FakeRepo.isLfs(file)) {
                return facts(redirect(302, hub.objects.signed(content)), sha.get()).setHeader("X-Linked-Size", content.length)
                        .setHeader("X-Linked-Etag", "\"" + FakeRepo.sha256(content) + "\"").setHeader("Accept-Ranges", "bytes").build();
            }
            var target = hub.url().newBuilder().addPathSegments("api/resolve-cache/" + type + "/" + id + "/" + sha.get() + "/" + file).build();
            return facts(redirect(307, target.encodedPath()), sha.get()).setHeader("ETag", "W/\"" + FakeRepo.blobId(content) + "\"").build();
        });
    }

    private MockResponse small(RecordedRequest request, String type, String id, String sha, String file) {
        return denial(request, type, id, true).orElseGet(() -> {
            byte[] content = hub.find(type + "/" + id).orElseThrow().files(sha).orElseThrow().get(file);
            var response = facts(new MockResponse.Builder().code(200), sha).setHeader("ETag", "\"" + FakeRepo.blobId(content) + "\"");
            return FakeStore.ranged(request, content, response);
        });
    }

    private static MockResponse.Builder facts(MockResponse.Builder response, String sha) {
        return response.setHeader("X-Repo-Commit", sha);
    }

    private static MockResponse.Builder redirect(int status, String location) {
        return new MockResponse.Builder().code(status).setHeader("Location", location).body(new Buffer());
    }
}
