package dev.lorikeet.training;

/// Training that had begun and cannot go on: the loss is not a number, memory or disk is full. The message says at which step, and what helps.
public final class TrainingFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int step;

    /// @param step at which it happened, from 1
    public TrainingFailure(int step, String message, Throwable cause) {
        super("step " + step + ": " + message, cause);
        this.step = step;
    }

    public int step() {
        return step;
    }
}
