package dev.lorikeet.store;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What is known of a file that a client has sent, or that the server has made for one.
///
/// @param created to the millisecond @param sha256 of the content, in hexadecimal digits @param owner to whom it belongs; empty: to nobody in particular
public record StoredFile(String id, long bytes, Instant created, Optional<Instant> expires, String filename, String purpose, String sha256,
                         Optional<String> owner) {
    /// Extensions of files of rows to learn from.
    public static final Set<String> ROWS = Set.of("jsonl", "json", "csv", "parquet");
    static final Comparator<StoredFile> OLDEST_FIRST = Comparator.comparing(StoredFile::created).thenComparing(StoredFile::id);

    public StoredFile {
        if (id.isBlank() || filename.isBlank() || purpose.isBlank() || bytes < 0 || !sha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("a stored file needs an id, a name, a purpose, a length and a hash; this one has `" + id + "`, `"
                    + filename + "`, `" + purpose + "`, " + bytes + ", `" + sha256 + "`");
        }
    }

    /// The end of the name after its last dot, in small letters; empty if there is no dot.
    public String extension() {
        return extension(filename);
    }

    public static String extension(String filename) {
        int dot = filename.lastIndexOf('.');
        return dot < 0 ? "" : filename.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    boolean isExpired(Instant now) {
        return expires.filter(end -> !end.isAfter(now)).isPresent();
    }

    ObjectNode toJson() {
        var json = JsonNodeFactory.instance.objectNode().put("id", id).put("bytes", bytes).put("created_at_ms", created.toEpochMilli());
        expires.ifPresent(end -> json.put("expires_at_ms", end.toEpochMilli()));
        owner.ifPresent(name -> json.put("owner", name));
        return json.put("filename", filename).put("purpose", purpose).put("sha256", sha256);
    }

    static StoredFile read(JsonFile json) {
        var expires = json.at("expires_at_ms");
        try {
            return new StoredFile(required(json, "id"), number(json, "bytes"), Instant.ofEpochMilli(number(json, "created_at_ms")),
                    expires.isMissingNode() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(number(json, "expires_at_ms"))),
                    required(json, "filename"), required(json, "purpose"), required(json, "sha256"), json.string("owner"));
        } catch (IllegalArgumentException e) {
            throw new BadFileException(json.file(), e.getMessage(), e);
        }
    }

    private static String required(JsonFile json, String name) {
        return json.string(name).orElseThrow(() -> json.bad(name, "is missing"));
    }

    private static long number(JsonFile json, String name) {
        var node = json.at(name);
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw json.bad(name, "is not a whole number");
        }
        return node.longValue();
    }
}
