package dev.lorikeet.model;

import dev.lorikeet.tensor.Logits;

/// What the engine needs of a model. Calls come from the engine thread only.
public interface Decoder {
    /// Computes all tokens of the batch; logits come in its order: decoding sequences, then the chunks' rows.
    Logits step(StepBatch batch);

    /// Copies the first `length` cached positions of one slot into another.
    void copyPrefix(int source, int target, int length);

    /// Sequences that can be cached at once.
    int slots();

    /// Positions that a slot holds.
    int capacity();

    int vocabSize();

    /// Decoding sequences that one step may take such that none changes the bits of another's logits.
    int independentRows();
}
