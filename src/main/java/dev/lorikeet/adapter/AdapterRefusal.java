package dev.lorikeet.adapter;

/// An adapter that cannot be used as it is. The message says what is wrong with which file, field or tensor.
public final class AdapterRefusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    public AdapterRefusal(String message) {
        super(message);
    }
}
