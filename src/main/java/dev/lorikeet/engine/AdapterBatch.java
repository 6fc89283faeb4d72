package dev.lorikeet.engine;

import dev.lorikeet.model.StepBatch.AdapterRows;
import java.util.List;
import java.util.Optional;

/// Some mixes of adapters, made ready for a decoder's steps. Engine thread only.
public interface AdapterBatch extends AutoCloseable {
    /// The adapters of the sequences of a step. @param mixes one for each sequence, each empty or one of those that were made ready
    AdapterRows rows(List<Optional<AdapterMix>> mixes);

    @Override
    void close();

    /// Makes mixes ready.
    @FunctionalInterface
    interface Source {
        /// @param mixes distinct ones @return for the caller to close, while the adapters in it still live
        AdapterBatch prepare(List<AdapterMix> mixes);
    }
}
