package dev.lorikeet.hub;

import java.util.Optional;
import java.util.regex.Pattern;

/// A file of a revision. @param path with slashes @param blobId git's SHA-1 @param sha256 of the content, of files kept in LFS
/// @param xetHash the hub's name for the content in its newer store
public record RemoteFile(String path, long size, String blobId, Optional<String> sha256, Optional<String> xetHash) {
    private static final Pattern SHA1 = Pattern.compile("[0-9a-f]{40}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public RemoteFile {
        if (size < 0 || !SHA1.matcher(blobId).matches() || sha256.isPresent() && !SHA256.matcher(sha256.get()).matches()) {
            throw new IllegalArgumentException(path + ": size " + size + ", blob id `" + blobId + "`, SHA-256 " + sha256);
        }
    }

    /// The name of its content: what `X-Linked-Etag` or `ETag` says, and what the blob is called in the cache.
    String etag() {
        return sha256.orElse(blobId);
    }

    String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /// Whether the path stays inside the folder it is put in, on every system.
    static boolean isSafe(String path) {
        if (path.isEmpty() || path.length() > 1024 || path.chars().anyMatch(c -> c < ' ' || c == 127 || c == '\\' || c == ':')) {
            return false;
        }
        for (String part : path.split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                return false;
            }
        }
        return true;
    }
}
