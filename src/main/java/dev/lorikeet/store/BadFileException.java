package dev.lorikeet.store;

import java.nio.file.Path;

/// A file that cannot be used. The message names the file, what is wrong in it, and where possible the remedy.
public final class BadFileException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public BadFileException(Path file, String message) {
        super(file + ": " + message);
    }

    public BadFileException(Path file, String message, Throwable cause) {
        super(file + ": " + message, cause);
    }
}
