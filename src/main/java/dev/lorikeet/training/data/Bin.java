package dev.lorikeet.training.data;

/// How many examples have at most `upTo` tokens and more than the bin before.
public record Bin(int upTo, int count) {}
