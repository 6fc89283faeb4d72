package dev.lorikeet.chat.jinja;

import java.util.Objects;

/// A string given to a template together with the number of its source.
///
/// Origin 0 is trusted like the template's own text: control tokens in it are recognised.
/// Any other origin is data; the caller chooses the numbers, for example 1 + the index of the message.
public record Sourced(String text, int origin) {
    /// Data whose source nobody numbered, and text made from two different sources.
    public static final int UNSPECIFIED = (1 << 30) - 1;

    public Sourced {
        Objects.requireNonNull(text, "text");
        if (origin < 0 || origin > UNSPECIFIED) {
            throw new IllegalArgumentException("origin " + origin + " is not in 0.." + UNSPECIFIED);
        }
    }
}
