package dev.lorikeet.chat;

/// A stretch of rendered prompt and where it came from.
///
/// @param trusted written by the template itself: control tokens in it are control tokens. Otherwise it came with the request, and
/// is text whatever it says
public record Segment(String text, boolean trusted) {}
