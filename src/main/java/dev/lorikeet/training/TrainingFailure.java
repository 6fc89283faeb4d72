package dev.lorikeet.training;

/// Training that had begun and cannot go on. The message says at which step, and what helps.
public final class TrainingFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Why it cannot.
    public enum Reason {
        LOSS_NOT_FINITE, OUT_OF_MEMORY, STORAGE_ERROR
    }

    private final int step;
    private final Reason reason;

    /// @param step at which it happened, from 1
    public TrainingFailure(Reason reason, int step, String message, Throwable cause) {
        super("step " + step + ": " + message, cause);
        this.step = step;
        this.reason = reason;
    }

    public int step() {
        return step;
    }

    public Reason reason() {
        return reason;
    }
}
