package dev.lorikeet.catalog;

import java.nio.file.Path;
import java.time.Instant;

/// A base model by its id (the folder's base name). @param created when it was first known
public record ModelEntry(String id, Path folder, Instant created, ModelState state) {}
