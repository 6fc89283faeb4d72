package dev.lorikeet.api;

/// Carries an [ApiError] to where it becomes a response.
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient ApiError error;

    public ApiException(ApiError error) {
        super(error.message(), null, false, false);
        this.error = error;
    }

    public ApiError error() {
        return error;
    }

    static ApiException invalid(String param, String message) {
        return new ApiException(ApiError.Invalid.of(param, message));
    }

    static ApiException invalid(String param, String code, String message) {
        return new ApiException(ApiError.Invalid.of(param, code, message));
    }
}
