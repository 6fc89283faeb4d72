package dev.lorikeet.engine;

/// As many sequences wait as the server is willing to hold.
public final class QueueFullException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private QueueFullException(String message) {
        super(message);
    }

    /// Of texts that take long to encode.
    public static QueueFullException ofLongTexts(int waiting) {
        return new QueueFullException("The queue is full: " + waiting + " long texts wait to be encoded. Try again in a moment.");
    }

    public QueueFullException(int waiting) {
        super("The queue is full: " + waiting + " requests are waiting. Try again in a moment, or start the server with a larger --max-queue.");
    }
}
