package dev.lorikeet.catalog;

import java.nio.file.Path;
import java.time.Instant;

/// A known model. Guarded by the catalog's lock.
final class Model {
    final String id;
    final boolean sourced;
    /// Of a model that its source has not brought yet, only its name.
    Path folder;
    Thread download;
    final Instant created = Instant.now();
    ModelState state = new ModelState.Unloaded();
    Resident resident;
    int leases;

    Model(String id, Path folder, boolean sourced) {
        this.id = id;
        this.folder = folder;
        this.sourced = sourced;
    }

    ModelEntry entry() {
        return new ModelEntry(id, folder, created, state);
    }
}
