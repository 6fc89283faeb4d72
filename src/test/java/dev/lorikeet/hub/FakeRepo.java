package dev.lorikeet.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A repository of [FakeHub]: commits, branches, and who may read it.
public final class FakeRepo {
    public enum Access { PUBLIC, PRIVATE, GATED, DISABLED }

    volatile Access access = Access.PUBLIC;
    private final Map<String, String> refs = new LinkedHashMap<>();
    private final Map<String, Map<String, byte[]>> commits = new LinkedHashMap<>();

    FakeRepo() {
        commit("main", Map.of());
    }

    /// Makes a commit on a branch. @param changes an empty optional deletes
    synchronized String change(String branch, Map<String, Optional<byte[]>> changes) {
        var files = new TreeMap<String, byte[]>(files(branch).orElseGet(TreeMap::new));
        changes.forEach((path, content) -> content.ifPresentOrElse(bytes -> files.put(path, bytes), () -> files.remove(path)));
        String sha = hash("SHA-1", (commits.size() + String.valueOf(files.keySet()) + System.identityHashCode(this)).getBytes(StandardCharsets.UTF_8));
        commits.put(sha, files);
        refs.put(branch, sha);
        return sha;
    }

    String commit(String branch, Map<String, byte[]> files) {
        var changes = new LinkedHashMap<String, Optional<byte[]>>();
        files.forEach((path, bytes) -> changes.put(path, Optional.of(bytes)));
        return change(branch, changes);
    }

    public String commit(Map<String, byte[]> files) {
        return commit("main", files);
    }

    synchronized Optional<String> sha(String revision) {
        return commits.containsKey(revision) ? Optional.of(revision) : Optional.ofNullable(refs.get(revision));
    }

    synchronized Optional<Map<String, byte[]>> files(String revision) {
        return sha(revision).map(commits::get);
    }

    /// Of the files on the main branch.
    public java.util.Set<String> paths() {
        return files("main").orElseThrow().keySet();
    }

    public synchronized int commits() {
        return commits.size();
    }

    static boolean isLfs(String path) {
        return path.matches(".*\\.(safetensors|parquet|bin|gguf)");
    }

    static String sha256(byte[] content) {
        return hash("SHA-256", content);
    }

    static String blobId(byte[] content) {
        byte[] header = ("blob " + content.length + "\0").getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[header.length + content.length];
        System.arraycopy(header, 0, all, 0, header.length);
        System.arraycopy(content, 0, all, header.length, content.length);
        return hash("SHA-1", all);
    }

    /// The git blob of an LFS file is its pointer.
    static String pointerId(byte[] content) {
        return blobId(("version https://git-lfs.github.com/spec/v1\noid sha256:" + sha256(content) + "\nsize " + content.length + "\n")
                .getBytes(StandardCharsets.UTF_8));
    }

    static String etag(String path, byte[] content) {
        return isLfs(path) ? sha256(content) : blobId(content);
    }

    private static String hash(String algorithm, byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
