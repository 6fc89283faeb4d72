package dev.lorikeet.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 in hexadecimal.
public final class Sha256 {
    private final MessageDigest digest;

    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String of(byte[] bytes) {
        return new Sha256().add(bytes).hex();
    }

    /// @throws BadFileException when the file cannot be read
    public static String of(Path file) {
        return new Sha256().add(file).hex();
    }

    public Sha256 add(byte[] bytes) {
        digest.update(bytes);
        return this;
    }

    /// Everything up to the end, which the caller closes.
    public Sha256 add(InputStream in) throws IOException {
        in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
        return this;
    }

    /// @throws BadFileException when the file cannot be read
    public Sha256 add(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            add(in);
        } catch (IOException e) {
            throw new BadFileException(file, "cannot be read: " + e.getMessage(), e);
        }
        return this;
    }

    /// The hash of all that was added; ends this object's use.
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
