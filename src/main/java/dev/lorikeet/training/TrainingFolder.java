package dev.lorikeet.training;

import java.nio.file.Path;
import java.util.Optional;

/// Where a training writes, and the adapter from which it starts.
///
/// @param baseModel name or path of the base as others would load it, for `adapter_config.json` @param startAdapter empty: a new adapter
public record TrainingFolder(Path output, String baseModel, Optional<Path> startAdapter) {}
