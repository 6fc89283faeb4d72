package dev.lorikeet.training.data;

/// A row is none that can be learned from. The message completes "row N …".
final class RowException extends RuntimeException {
    private static final long serialVersionUID = 1;

    RowException(String message) {
        super(message);
    }
}
