package dev.lorikeet.catalog;

import dev.lorikeet.chat.TextModel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Where a base model stands.
public sealed interface ModelState {
    record Unloaded() implements ModelState {}

    /// Its files are on their way here.
    ///
    /// @param files by their addresses @param remaining until all are here, as far as one can tell
    record Downloading(Map<String, Transfer> files, Optional<Duration> remaining) implements ModelState {
        public Downloading {
            files = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(files));
        }
    }

    /// @param done bytes that are here @param total bytes that there will be
    record Transfer(long done, long total) {}

    /// @param progress 0…1 of the bytes that loading must visit
    record Loading(double progress) implements ModelState {}

    /// @param bytes what the model holds: weights and KV cache
    record Loaded(TextModel model, ModelInfo info) implements ModelState {}

    /// Requests that run are finished first; new ones are refused.
    record Unloading() implements ModelState {}

    record Failed(String reason) implements ModelState {}

    /// @param parameters number of weights @param dtype as Hugging Face spells it, such as `bfloat16`
    /// @param weightBytes of the weights @param cacheBytes of the KV cache when all of it is touched
    /// @param quantization name of the scheme of its matrices, if they are in fewer bits
    record ModelInfo(String architecture, long parameters, String dtype, String device, int maxContext, int maxBatch, long weightBytes,
                     long cacheBytes, Optional<String> quantization) {}
}
