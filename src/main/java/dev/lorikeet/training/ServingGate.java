package dev.lorikeet.training;

/// Lets serving go first: the trainer passes here before each layer of each micro-batch, and may be held for as long as the engine has
/// work.
@FunctionalInterface
public interface ServingGate {
    /// Returns when the trainer may compute on.
    void pass() throws InterruptedException;

    /// Never holds.
    static ServingGate open() {
        return () -> {};
    }
}
