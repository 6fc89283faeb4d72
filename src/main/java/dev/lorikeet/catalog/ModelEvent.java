package dev.lorikeet.catalog;

/// One change, as `/models/sse` tells it.
public record ModelEvent(String model, ModelState state) {}
