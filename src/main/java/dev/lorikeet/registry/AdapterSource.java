package dev.lorikeet.registry;

import java.nio.file.Path;
import java.util.Optional;

/// Where adapters come from that are no folders under a root.
@FunctionalInterface
public interface AdapterSource {
    /// Knows no name.
    AdapterSource NONE = _ -> Optional.empty();

    /// The folder of the adapter that this name means, brought here if need be; empty if it is no name of this source's kind. Blocks.
    ///
    /// @throws RuntimeException it is such a name, but cannot be had; with a message for the user
    Optional<Path> fetch(String name);
}
