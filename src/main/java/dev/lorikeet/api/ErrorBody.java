package dev.lorikeet.api;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/// OpenAI's error envelope: all four keys are always there.
@Schema(name = "Error")
public record ErrorBody(Content error) {
    /// @param code a word, null, or (llama.cpp's endpoints) the HTTP status
    public record Content(String message, String type, String param, Object code) {}

    static ErrorBody of(ApiError error) {
        return new ErrorBody(new Content(error.message(), error.type(), error.param().orElse(null), error.code().orElse(null)));
    }
}
