package dev.lorikeet.registry;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What is known of a version of an adapter at one moment.
///
/// @param current whether the name alone means this version @param base id of its base model @param inFlight requests that run on it
/// @param lastUse when a request last asked for it @param additive whether it may be scaled and mixed
/// @param owner who alone may use it; empty: everyone @param error why it could not be brought back when it was last asked for
public record AdapterStatus(String name, int version, boolean current, AdapterState state, String base, Path folder, boolean pinned, int rank,
                            boolean additive, long deviceBytes, long hostBytes, int inFlight, Instant created, Optional<Instant> lastUse,
                            String sha256, List<String> warnings, Optional<String> error, Optional<String> owner) {
    public AdapterStatus {
        warnings = List.copyOf(warnings);
    }

    /// As a request may name it, whatever the current version is.
    public String versionedName() {
        return name + "@" + version;
    }
}
