package dev.lorikeet.engine;

import java.util.OptionalLong;

/// How far a sequence has come, on the clock of `System.nanoTime`.
///
/// @param arrived when it was submitted @param started when its first step began @param firstToken when its first token was drawn
public record Phases(long arrived, OptionalLong started, OptionalLong firstToken) {}
