package dev.lorikeet.api;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Recognises that the server's disk is full, so that clients are told so: it is neither their fault nor a bug.
final class DiskTrouble {
    /// The operating system's words are all that Java hands on.
    private static final List<String> FULL = List.of("No space left on device", "Disk quota exceeded");

    private DiskTrouble() {}

    /// The error for a failure that comes from a full disk; empty if it does not.
    static Optional<ApiError> in(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause).limit(8).filter(IOException.class::isInstance)
                .filter(cause -> FULL.stream().anyMatch(String.valueOf(cause.getMessage())::contains)).findFirst()
                .map(_ -> new ApiError.DiskFull("The server's disk is full: nothing of this request was kept. Try again when there is room."));
    }
}
