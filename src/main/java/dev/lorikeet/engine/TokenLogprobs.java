package dev.lorikeet.engine;

import java.util.List;

/// The natural log-probability of one token and of the likeliest tokens in its place, from the softmax of the raw
/// logits (before penalties, temperature and filters).
///
/// @param top likeliest first; empty when only the token itself was asked for
public record TokenLogprobs(Entry token, List<Entry> top) {
    public TokenLogprobs {
        top = List.copyOf(top);
    }

    /// @param rank 1 for the likeliest token of the vocabulary
    public record Entry(int id, float logprob, int rank) {}
}
