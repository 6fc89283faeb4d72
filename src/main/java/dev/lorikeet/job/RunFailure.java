package dev.lorikeet.job;

/// A training ended before its time, through no fault of the server's: the job fails with this message.
public final class RunFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String code;

    /// @param code a word for programs, such as `loss_not_finite`
    public RunFailure(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public String code() {
        return code;
    }
}
