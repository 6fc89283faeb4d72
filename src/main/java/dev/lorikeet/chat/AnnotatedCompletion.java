package dev.lorikeet.chat;

/// A prompt and its completion as token ids.
///
/// @param from the first token of the completion
/// @param borderMerged one token stands for the end of the prompt and the beginning of the completion
public record AnnotatedCompletion(int[] ids, int from, boolean borderMerged) {}
