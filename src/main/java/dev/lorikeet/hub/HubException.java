package dev.lorikeet.hub;

/// Carries a [HubError] to who can tell the user.
public final class HubException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient HubError error;

    public HubException(HubError error) {
        this(error, null);
    }

    public HubException(HubError error, Throwable cause) {
        super(error.message(), cause);
        this.error = error;
    }

    public HubError error() {
        return error;
    }
}
