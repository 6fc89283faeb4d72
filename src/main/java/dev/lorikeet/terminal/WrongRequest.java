package dev.lorikeet.terminal;

/// What a server was asked for cannot be: a model that it does not have, an option that is none.
public final class WrongRequest extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    WrongRequest(String message) {
        super(message);
    }
}
