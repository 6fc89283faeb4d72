package dev.lorikeet.store;

import java.nio.file.Path;

/// A file of a model cannot be used as it stands. The message names the file, the field, and what would help.
public final class BadFileException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Path file;
    private final String problem;

    public BadFileException(Path file, String message) {
        this(file, message, null);
    }

    public BadFileException(Path file, String message, Throwable cause) {
        super(file + ": " + message, cause);
        this.file = file;
        this.problem = message;
    }

    /// What is wrong, without the file: for those whom it does not concern where the server keeps its files.
    public String problem() {
        return problem;
    }

    public Path file() {
        return file;
    }
}
