package dev.lorikeet.merge;

import java.nio.file.Path;

/// What a merge has made. @param out the new folder @param tensors of the checkpoint @param changed those that differ from the base
/// @param bytes of all tensors @param shards files that hold them @param verification of the logits
public record MergeReport(Path out, int tensors, int changed, long bytes, int shards, MergeVerification.Result verification) {}
