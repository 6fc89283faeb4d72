package dev.lorikeet.training.data;

/// A row that cannot be learned from, and why.
public record BadRow(int line, String reason) {}
