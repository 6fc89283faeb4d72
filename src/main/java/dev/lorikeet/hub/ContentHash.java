package dev.lorikeet.hub;

import dev.lorikeet.store.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The two names that the hub gives to contents, in hexadecimal.
final class ContentHash {
    private ContentHash() {}

    /// @param in read to its end, which the caller closes
    static String sha256(InputStream in) throws IOException {
        return new Sha256().add(in).hex();
    }

    /// Git's name for a file: the SHA-1 of `blob <size>\0` and the bytes. @param in read to its end, which the caller closes
    static String gitBlob(long size, InputStream in) throws IOException {
        MessageDigest digest = sha1();
        digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
        in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        return HexFormat.of().formatHex(digest.digest());
    }

    /// The hash that this etag is of, which its length tells.
    static String like(String etag, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return etag.length() == 64 ? sha256(in) : gitBlob(Files.size(file), in);
        }
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
