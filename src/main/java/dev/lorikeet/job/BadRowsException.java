package dev.lorikeet.job;

/// The rows of a file cannot be learned as they are. The message names the lines.
public final class BadRowsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String param;

    /// @param param `training_file` or `validation_file`
    public BadRowsException(String param, String message) {
        super(message);
        this.param = param;
    }

    public String param() {
        return param;
    }
}
