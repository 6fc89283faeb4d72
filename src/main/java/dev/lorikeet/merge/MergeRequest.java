package dev.lorikeet.merge;

import java.nio.file.Path;

/// What to merge. @param model folder of the base @param adapter folder in PEFT's layout
/// @param out folder to make: it must not exist yet, or be empty @param shardBytes a checkpoint larger than this is written in several files
public record MergeRequest(Path model, Path adapter, Path out, long shardBytes) {
    /// As `save_pretrained` cuts by default.
    public static final long DEFAULT_SHARD_BYTES = 5_000_000_000L;

    public MergeRequest {
        if (shardBytes < 1) {
            throw new IllegalArgumentException("the size of a shard is " + shardBytes + "; it must be at least 1 byte");
        }
    }
}
