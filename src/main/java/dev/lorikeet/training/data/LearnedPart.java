package dev.lorikeet.training.data;

/// Which tokens of a row with prompts and answers have a loss.
public enum LearnedPart {
    /// Every answer of the assistant, unless its message has weight 0.
    ANSWERS,
    /// The last answer alone.
    LAST_ANSWER,
    /// The prompts as well (`train_on_inputs`).
    EVERYTHING
}
