package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lorikeet.store.StoredFile;
import java.time.Instant;
import java.util.List;

/// OpenAI's file object. All keys are always there; files are usable once they are seen, hence `processed`.
public record FileObject(String id, String object, long bytes, @JsonProperty("created_at") long createdAt, @JsonProperty("expires_at") Long expiresAt,
                         String filename, String purpose, String status, @JsonProperty("status_details") String statusDetails) {
    static FileObject of(StoredFile file) {
        return new FileObject(file.id(), "file", file.bytes(), file.created().getEpochSecond(), file.expires().map(Instant::getEpochSecond).orElse(null),
                file.filename(), file.purpose(), "processed", null);
    }

    /// A page of files.
    public record Page(String object, List<FileObject> data, @JsonProperty("first_id") String firstId, @JsonProperty("last_id") String lastId,
                       @JsonProperty("has_more") boolean hasMore) {}

    /// The answer of a deletion.
    public record Deleted(String id, String object, boolean deleted) {}
}
