package dev.lorikeet.app;

import java.nio.charset.StandardCharsets;

/// Streams of server-sent events, as the command line reads them: every line is shown, passed over, or shown as it is.
public final class EventLineFuzz {
    private EventLineFuzz() {}

    /// Called by the fuzzer.
    public static void fuzzerTestOneInput(byte[] data) {
        new String(data, StandardCharsets.UTF_8).lines().forEach(EventLine::shown);
    }
}
