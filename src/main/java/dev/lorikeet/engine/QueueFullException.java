package dev.lorikeet.engine;

/// As many sequences wait as the server is willing to hold.
public final class QueueFullException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public QueueFullException(int waiting) {
        super("The queue is full: " + waiting + " requests are waiting. Try again in a moment, or start the server with a larger --max-queue.");
    }
}
