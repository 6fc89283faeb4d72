package dev.lorikeet.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The two names that the hub gives to contents.
final class ContentHash {
    private ContentHash() {}

    static String sha256(Path file) throws IOException {
        return hex(digest("SHA-256"), file);
    }

    /// Git's name for a file: the SHA-1 of `blob <size>\0` and the bytes.
    static String gitBlob(Path file) throws IOException {
        MessageDigest digest = digest("SHA-1");
        digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
        return hex(digest, file);
    }

    /// The hash that this etag is of, which its length tells.
    static String like(String etag, Path file) throws IOException {
        return etag.length() == 64 ? sha256(file) : gitBlob(file);
    }

    private static String hex(MessageDigest digest, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[1 << 17];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
