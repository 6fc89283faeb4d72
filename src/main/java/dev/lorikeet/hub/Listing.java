package dev.lorikeet.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The files of one commit, which never change: as the hub's tree tells them, and as `trees/<commit>.json` keeps them in the cache.
public record Listing(Map<String, RemoteFile> files) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int FORMAT = 1;

    public Listing {
        files = Map.copyOf(files);
    }

    static Listing of(Collection<RemoteFile> files) {
        var byPath = new TreeMap<String, RemoteFile>();
        files.forEach(file -> byPath.put(file.path(), file));
        return new Listing(byPath);
    }

    boolean has(String path) {
        return files.containsKey(path);
    }

    Optional<RemoteFile> file(String path) {
        return Optional.ofNullable(files.get(path));
    }

    /// An entry of `/tree`. @throws IllegalArgumentException it lacks something
    static RemoteFile ofTree(JsonNode entry) {
        JsonNode lfs = entry.path("lfs");
        return new RemoteFile(entry.path("path").asText(), lfs.path("size").asLong(entry.path("size").asLong(-1)), entry.path("oid").asText(),
                text(lfs, "oid"), text(entry, "xetHash"));
    }

    String toJson() {
        ObjectNode root = JSON.createObjectNode().put("format_version", FORMAT);
        ObjectNode entries = root.putObject("files");
        new TreeMap<>(files).forEach((path, file) -> {
            ObjectNode entry = entries.putObject(path).put("size", file.size()).put("blob_id", file.blobId());
            file.sha256().ifPresent(sha256 -> entry.put("lfs_sha256", sha256).put("lfs_size", file.size()));
            file.xetHash().ifPresent(hash -> entry.put("xet_hash", hash));
        });
        return root.toPrettyString();
    }

    /// @return empty if the format is of another version, or broken: it can be asked for again
    static Optional<Listing> ofJson(String text) {
        try {
            JsonNode root = JSON.readTree(text);
            if (root.path("format_version").asInt() != FORMAT || !root.path("files").isObject()) {
                return Optional.empty();
            }
            var files = new TreeMap<String, RemoteFile>();
            for (var entry : root.path("files").properties()) {
                JsonNode file = entry.getValue();
                if (!RemoteFile.isSafe(entry.getKey())) {
                    return Optional.empty();
                }
                files.put(entry.getKey(), new RemoteFile(entry.getKey(), file.path("size").asLong(-1), file.path("blob_id").asText(),
                        text(file, "lfs_sha256"), text(file, "xet_hash")));
            }
            return Optional.of(new Listing(files));
        } catch (com.fasterxml.jackson.core.JsonProcessingException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static Optional<String> text(JsonNode node, String name) {
        return node.path(name).isTextual() ? Optional.of(node.path(name).textValue()) : Optional.empty();
    }
}
