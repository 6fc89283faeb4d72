package dev.lorikeet.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.AtomicFile;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// A file of hashed keys: `{"keys": [{"name", "role", "sha256", "created", limits …}]}`. People edit it, or `./lorikeet key` does.
public record KeysFile(Path path) {
    private static final String KEYS = "keys";
    private static final Set<String> LIMITS = Set.of(Limits.REQUESTS_PER_MINUTE, Limits.TOKENS_PER_MINUTE, Limits.TOKENS_PER_DAY, Limits.CONCURRENT_REQUESTS);
    private static final Set<String> KNOWN = Set.of("name", "role", "sha256", "created");
    private static final ObjectMapper JSON = new ObjectMapper();

    /// What tells that the file is another than before.
    record Stamp(Instant modified, long size, Optional<Object> file) {}

    /// @throws BadFileException what is wrong with it, and where
    public List<Key> read() {
        var file = JsonFile.read(path);
        var keys = new ArrayList<Key>();
        for (Iterator<String> names = file.root().fieldNames(); names.hasNext();) {
            String name = names.next();
            if (!name.equals(KEYS)) {
                throw file.bad(name, "is not known; the file has `keys` only");
            }
        }
        if (!file.at(KEYS).isArray()) {
            throw file.bad(KEYS, "must be a list");
        }
        for (JsonNode entry : file.at(KEYS)) {
            keys.add(key(file, KEYS + "[" + keys.size() + "]", entry));
        }
        return keys;
    }

    private static Key key(JsonFile file, String place, JsonNode entry) {
        for (Iterator<String> names = entry.fieldNames(); names.hasNext();) {
            String name = names.next();
            if (!KNOWN.contains(name) && !LIMITS.contains(name)) {
                throw file.bad(place + "." + name, "is not known");
            }
        }
        var role = Role.of(entry.path("role").asText()).orElseThrow(() -> file.bad(place + ".role", "must be `user` or `admin`"));
        try {
            var limits = new Limits(limit(entry, Limits.REQUESTS_PER_MINUTE), limit(entry, Limits.TOKENS_PER_MINUTE), limit(entry, Limits.TOKENS_PER_DAY),
                    limit(entry, Limits.CONCURRENT_REQUESTS));
            return new Key(entry.path("name").asText(), role, KeyHash.parse(entry.path("sha256").asText()), limits);
        } catch (IllegalArgumentException e) {
            throw file.bad(place + ":", e.getMessage());
        }
    }

    private static OptionalLong limit(JsonNode entry, String name) {
        JsonNode value = entry.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return OptionalLong.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new IllegalArgumentException(name + " must be a whole number");
        }
        return OptionalLong.of(value.longValue());
    }

    /// Puts a key into the file, which is made if it is not there.
    ///
    /// @throws IllegalArgumentException there is a key of that name
    public void add(String name, Role role, String key, Limits limits) throws IOException {
        var entry = new Key(name, role, KeyHash.of(key), limits);
        ObjectNode root = root();
        if (Files.exists(path) && read().stream().anyMatch(other -> other.name().equals(name))) {
            throw new IllegalArgumentException(path + " has a key `" + name + "` already; take another name, or remove that one first");
        }
        ObjectNode json = root.withArrayProperty(KEYS).addObject().put("name", name).put("role", role.word()).put("sha256", entry.hash().hex())
                .put("created", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        limits.requestsPerMinute().ifPresent(limit -> json.put(Limits.REQUESTS_PER_MINUTE, limit));
        limits.tokensPerMinute().ifPresent(limit -> json.put(Limits.TOKENS_PER_MINUTE, limit));
        limits.tokensPerDay().ifPresent(limit -> json.put(Limits.TOKENS_PER_DAY, limit));
        limits.concurrentRequests().ifPresent(limit -> json.put(Limits.CONCURRENT_REQUESTS, limit));
        write(root);
    }

    /// Takes a key out. @throws IllegalArgumentException there is none of that name
    public void remove(String name) throws IOException {
        read();
        ObjectNode root = root();
        var keys = root.withArrayProperty(KEYS);
        int before = keys.size();
        keys.removeIf(entry -> entry.path("name").asText().equals(name));
        if (keys.size() == before) {
            throw new IllegalArgumentException(path + " has no key `" + name + "`");
        }
        write(root);
    }

    private ObjectNode root() {
        return JsonFile.readIfPresent(path).map(file -> (ObjectNode) file.root()).orElseGet(JsonNodeFactory.instance::objectNode);
    }

    private void write(ObjectNode root) throws IOException {
        AtomicFile.write(path, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n");
    }

    /// Empty while there is no such file.
    Optional<Stamp> stamp() {
        try {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return Optional.of(new Stamp(attributes.lastModifiedTime().toInstant(), attributes.size(), Optional.ofNullable(attributes.fileKey())));
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
