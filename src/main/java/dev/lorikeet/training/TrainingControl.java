package dev.lorikeet.training;

/// What someone else wants of a running training; polled before each micro-batch, from the trainer thread.
@FunctionalInterface
public interface TrainingControl {
    /// A wish. `PAUSE` saves a checkpoint first, so that a later run goes on from there; `CANCEL` ends at once.
    enum Wish {
        GO_ON, PAUSE, CANCEL
    }

    Wish wish();

    static TrainingControl none() {
        return () -> Wish.GO_ON;
    }
}
