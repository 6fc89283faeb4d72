package dev.lorikeet.merge;

import java.nio.file.Path;
import java.util.Optional;

/// What a merge has made. @param out the new folder @param tensors of the checkpoint @param changed those that differ from the base
/// @param bytes of all tensors @param shards files that hold them @param verification of the logits
/// @param quantized how far it is from what the adapter was trained on, if that was a quantised base
public record MergeReport(Path out, int tensors, int changed, long bytes, int shards, MergeVerification.Result verification, Optional<Quantized> quantized) {
    /// @param difference of the merged checkpoint's logits from those of the quantised base with the adapter, relative to their spread
    /// @param scheme its name
    public record Quantized(String scheme, double difference) {}
}
