package dev.lorikeet.api;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Bodies of requests: whatever they hold, they are read or refused with a status below 500.
public final class RequestFuzz {
    private static final List<Consumer<Fields>> READERS = List.of(fields -> ChatRequest.read(fields, true), CompletionRequest::read, fields -> JobFields.read(fields, Optional.empty()),
            fields -> TokenizeRequest.read(fields, true));

    private RequestFuzz() {}

    /// Called by the fuzzer.
    public static void fuzzerTestOneInput(byte[] data) {
        for (var reader : READERS) {
            try {
                reader.accept(Json.body(new ByteArrayInputStream(data)));
            } catch (ApiException e) {
                if (e.error().status() >= 500) {
                    throw new AssertionError("a body is no fault of the server's", e);
                }
            }
        }
    }
}
