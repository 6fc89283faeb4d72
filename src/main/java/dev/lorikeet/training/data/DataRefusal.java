package dev.lorikeet.training.data;

/// A data set that cannot be trained on as it is. The message says what is wrong, where, and what would help.
public final class DataRefusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    public DataRefusal(String message) {
        super(message);
    }
}
