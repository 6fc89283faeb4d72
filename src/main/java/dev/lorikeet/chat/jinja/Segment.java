package dev.lorikeet.chat.jinja;

/// A run of output characters of one origin: 0 for the template's own text, else the number of its source.
public record Segment(String text, int origin) {
    /// Whether control tokens may be recognised here.
    public boolean trusted() {
        return origin == 0;
    }
}
