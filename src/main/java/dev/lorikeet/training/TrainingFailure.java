package dev.lorikeet.training;

import java.io.IOException;
import java.util.List;

/// Training that had begun and cannot go on. The message says at which step, and what helps.
public final class TrainingFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Why it cannot.
    public enum Reason {
        LOSS_NOT_FINITE, OUT_OF_MEMORY, STORAGE_ERROR
    }

    private final int step;
    private final Reason reason;

    /// @param what happened @param step at which, from 1
    static TrainingFailure outOfMemory(int step, String what, Throwable cause) {
        return new TrainingFailure(Reason.OUT_OF_MEMORY, step, what + "; lower `per_device_train_batch_size` or `max_seq_length`, or set `gradient_checkpointing`; "
                + "a job whose `model` is the newest checkpoint goes on from there", cause);
    }

    /// @param what is not a finite number, and what it is @param step at which, from 1 @param batches those that it was computed from
    static TrainingFailure notFinite(int step, String what, List<MicroBatch> batches) {
        return new TrainingFailure(Reason.LOSS_NOT_FINITE, step, what + " (rows " + String.join(", ", batches.stream().map(MicroBatch::lines).toList())
                + "); lower `learning_rate`, or look at these rows", null);
    }

    /// Checkpoints are written whole or not at all, so that earlier ones stay. @param step at which, from 1
    static TrainingFailure storage(int step, IOException cause) {
        return new TrainingFailure(Reason.STORAGE_ERROR, step, "writing failed (" + cause.getMessage() + "); earlier checkpoints are kept: free some disk space, "
                + "and let a job whose `model` is the newest of them go on from there", cause);
    }

    private TrainingFailure(Reason reason, int step, String message, Throwable cause) {
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
