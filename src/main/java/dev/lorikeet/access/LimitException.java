package dev.lorikeet.access;

/// A request comes when its key has nothing left.
public final class LimitException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Exceeded exceeded;

    public LimitException(Exceeded exceeded) {
        super("the limit of " + exceeded.limit() + " " + exceeded.kind().words() + " is reached", null, false, false);
        this.exceeded = exceeded;
    }

    public Exceeded exceeded() {
        return exceeded;
    }
}
