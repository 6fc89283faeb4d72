package dev.lorikeet.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;

/// The writing half of [FakeHub]: repositories, pre-upload, LFS, commits.
final class FakeHubWrites {
    private final FakeHub hub;

    FakeHubWrites(FakeHub hub) {
        this.hub = hub;
    }

    /// @return empty where a POST reads
    Optional<MockResponse> answer(RecordedRequest request) {
        List<String> path = request.getUrl().pathSegments();
        String all = String.join("/", path);
        if (all.endsWith(".git/info/lfs/objects/batch")) {
            return Optional.of(guarded(request, () -> batch(request)));
        }
        return switch (all) {
            case "api/repos/create" -> Optional.of(guarded(request, () -> create(request)));
            case "api/validate-yaml" -> Optional.of(validate(FakeHub.body(request).path("content").asText()));
            case "api/complete_multipart" -> Optional.of(complete(request));
            case "api/verify" -> Optional.of(guarded(request, () -> verify(request)));
            default -> path.size() < 6 ? Optional.empty() : switch (path.get(4)) {
                case "preupload" -> Optional.of(onRepo(request, path, repo -> preupload(request, repo, path.get(5))));
                case "commit" -> Optional.of(onRepo(request, path, repo -> commit(request, repo, path)));
                default -> Optional.empty();
            };
        };
    }

    private static MockResponse guarded(RecordedRequest request, java.util.function.Supplier<MockResponse> answer) {
        return switch (FakeHub.token(request).orElse("")) {
            case "" -> FakeHub.error(401, "", "Invalid username or password.");
            case FakeHub.OWNER -> answer.get();
            case FakeHub.STRANGER -> FakeHub.error(403, "", "You don't have the rights to write here");
            default -> FakeHub.error(401, "", "Invalid credentials in Authorization header");
        };
    }

    private MockResponse onRepo(RecordedRequest request, List<String> path, java.util.function.Function<FakeRepo, MockResponse> answer) {
        return guarded(request, () -> hub.find(path.get(1) + "/" + path.get(2) + "/" + path.get(3)).map(answer)
                .orElseGet(() -> FakeHub.error(404, "RepoNotFound", "Repository not found")));
    }

    private MockResponse create(RecordedRequest request) {
        JsonNode body = FakeHub.body(request);
        String organization = body.path("organization").asText("acme");
        String id = (organization.equals("null") ? "acme" : organization) + "/" + body.path("name").asText();
        if (!id.startsWith("acme/")) {
            return FakeHub.error(403, "", "You don't have the rights to create a repository under this namespace");
        }
        boolean dataset = body.path("type").asText().equals("dataset");
        String url = hub.url() + (dataset ? "datasets/" : "") + id;
        if (hub.find((dataset ? "datasets/" : "models/") + id).isPresent()) {
            return FakeHub.json(Map.of("error", "You already created this model repo", "url", url)).newBuilder().code(409).build();
        }
        var repo = dataset ? hub.dataset(id) : hub.model(id);
        repo.access = body.path("visibility").asText().equals("private") || body.path("private").asBoolean() ? FakeRepo.Access.PRIVATE : FakeRepo.Access.PUBLIC;
        return FakeHub.json(Map.of("url", url, "name", id, "id", "66ab"));
    }

    /// Far from YAML, but tells a card whose head is broken.
    private static MockResponse validate(String content) {
        String[] parts = content.split("(?m)^---\\s*$");
        boolean good = content.startsWith("---\n") && parts.length >= 3 && parts[1].lines().allMatch(line -> line.isBlank() || line.matches("\\s*-? ?[^:]+(:.*)?"))
                && parts[1].lines().noneMatch(line -> line.matches("[^:\\s-][^:]*"));
        return good || !content.startsWith("---") ? FakeHub.json(Map.of("errors", List.of(), "warnings", List.of()))
                : FakeHub.json(Map.of("errors", List.of(Map.of("message", "the card's head is no YAML")), "warnings", List.of())).newBuilder().code(400).build();
    }

    private static MockResponse preupload(RecordedRequest request, FakeRepo repo, String revision) {
        var files = new ArrayList<Map<String, Object>>();
        for (var file : FakeHub.body(request).path("files")) {
            String path = file.path("path").asText();
            var answer = new LinkedHashMap<String, Object>(Map.of("path", path, "uploadMode", FakeRepo.isLfs(path) ? "lfs" : "regular", "shouldIgnore", false));
            repo.files(revision).map(present -> present.get(path)).ifPresent(content -> answer.put("oid", FakeRepo.etag(path, content)));
            files.add(answer);
        }
        return FakeHub.json(Map.of("files", files));
    }

    private MockResponse batch(RecordedRequest request) {
        if (!"application/vnd.git-lfs+json".equals(request.getHeaders().get("Accept"))
                || !Optional.ofNullable(request.getHeaders().get("Content-Type")).orElse("").startsWith("application/vnd.git-lfs+json")) {
            return FakeHub.error(406, "", "the LFS media type is missing");
        }
        var objects = new ArrayList<Map<String, Object>>();
        for (var object : FakeHub.body(request).path("objects")) {
            objects.add(hub.objects.uploadOf(object.path("oid").asText(), object.path("size").asLong()));
        }
        return FakeHub.json(Map.of("transfer", "basic", "objects", objects));
    }

    private MockResponse complete(RecordedRequest request) {
        JsonNode body = FakeHub.body(request);
        return hub.objects.complete(body.path("oid").asText(), body.path("parts")) ? FakeHub.json(Map.of()) : FakeHub.error(400, "", "the parts do not make the object");
    }

    private MockResponse verify(RecordedRequest request) {
        JsonNode body = FakeHub.body(request);
        return hub.objects.object(body.path("oid").asText()).filter(content -> content.length == body.path("size").asLong()).isPresent()
                ? FakeHub.json(Map.of()) : FakeHub.error(404, "", "the object is not here");
    }

    private MockResponse commit(RecordedRequest request, FakeRepo repo, List<String> path) {
        var changes = new HashMap<String, Optional<byte[]>>();
        for (String line : request.getBody().string(StandardCharsets.UTF_8).split("\n")) {
            JsonNode item = parse(line);
            JsonNode value = item.path("value");
            String file = value.path("path").asText();
            switch (item.path("key").asText()) {
                case "header" -> {
                    String parent = value.path("parentCommit").asText("");
                    if (!parent.isEmpty() && !repo.sha(path.get(5)).equals(Optional.of(parent))) {
                        return FakeHub.error(412, "", "A commit has happened since. Please refresh and try again.");
                    }
                }
                case "file" -> changes.put(file, Optional.of(Base64.getDecoder().decode(value.path("content").asText())));
                case "lfsFile" -> {
                    var object = hub.objects.object(value.path("oid").asText());
                    if (object.isEmpty()) {
                        return FakeHub.error(400, "", "LFS pointer pointed to a file that does not exist");
                    }
                    changes.put(file, object);
                }
                case "deletedFile" -> changes.put(file, Optional.empty());
                default -> {
                    return FakeHub.error(400, "", "unknown key " + item.path("key"));
                }
            }
        }
        String sha = repo.change(path.get(5), changes);
        String url = hub.url() + path.get(2) + "/" + path.get(3) + "/commit/" + sha;
        return FakeHub.json(Map.of("success", true, "commitUrl", url, "commitOid", sha, "hookOutput", ""));
    }

    private static JsonNode parse(String line) {
        try {
            return FakeHub.JSON.readTree(line);
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
