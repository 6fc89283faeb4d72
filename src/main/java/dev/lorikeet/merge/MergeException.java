package dev.lorikeet.merge;

/// A merge that cannot be done, or not exactly, or that failed on the way. The message says why and what to do; nothing is left behind.
public final class MergeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public MergeException(String message) {
        super(message);
    }

    public MergeException(String message, Throwable cause) {
        super(message, cause);
    }
}
