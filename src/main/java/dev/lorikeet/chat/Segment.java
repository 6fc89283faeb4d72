package dev.lorikeet.chat;

import dev.lorikeet.chat.jinja.Sourced;

/// A stretch of rendered prompt and where it came from.
///
/// @param origin 0: the template itself wrote it, and control tokens in it are control tokens. Otherwise it came with the request and is
/// text whatever it says: 1 + the index of its message, or [Sourced#UNSPECIFIED]
public record Segment(String text, int origin) {
    /// Text of the template, or text of nobody in particular.
    public Segment(String text, boolean trusted) {
        this(text, trusted ? 0 : Sourced.UNSPECIFIED);
    }

    public boolean trusted() {
        return origin == 0;
    }

    /// The origin of what a message says.
    static int ofMessage(int index) {
        return 1 + index;
    }
}
