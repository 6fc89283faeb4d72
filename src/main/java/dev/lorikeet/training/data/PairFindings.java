package dev.lorikeet.training.data;

/// What is said of pairs alone.
///
/// @param count pairs to learn from @param promptTruncated prompts that lost their beginning to `max_prompt_length`
/// @param sameAnswers pairs whose answers are equal, so that nothing is preferred; they stay
public record PairFindings(int count, Findings promptTruncated, Findings sameAnswers) {}
