package dev.lorikeet.catalog;

import dev.lorikeet.model.Quantization;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/// A known model. Guarded by the catalog's lock.
final class Model {
    final String id;
    final boolean sourced;
    /// What loading it makes of its matrices; a checkpoint that is quantised already has none.
    final Optional<Quantization> quantization;
    /// Of a model that its source has not brought yet, only its name.
    Path folder;
    Thread download;
    final Instant created = Instant.now();
    ModelState state = new ModelState.Unloaded();
    Resident resident;
    int leases;

    Model(String id, Path folder, boolean sourced, Optional<Quantization> quantization) {
        this.id = id;
        this.folder = folder;
        this.sourced = sourced;
        this.quantization = quantization;
    }

    /// Gives its memory back, if it has any, at the end of the process.
    void free() {
        if (resident != null) {
            try {
                resident.release();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }

    ModelEntry entry() {
        return new ModelEntry(id, folder, created, state);
    }
}
