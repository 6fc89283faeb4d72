package dev.lorikeet.chat;

/// A rendered and encoded prompt. `ids` is what the model sees; `text` is for people.
public record Prompt(String text, int[] ids) {}
