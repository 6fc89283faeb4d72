package dev.lorikeet.registry;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// @param roots folders under which requests may name adapters @param source where adapters come from that are not there
/// @param deviceBytes that adapters may take on the device
/// @param hostBytes that evicted adapters may take in host memory, 0 for none @param patience how long a request waits for memory that
/// adapters in use hold
public record RegistryOptions(List<Path> roots, AdapterSource source, long deviceBytes, long hostBytes, Duration patience) {
    public RegistryOptions {
        roots = List.copyOf(roots);
        if (deviceBytes < 1 || hostBytes < 0) {
            throw new IllegalArgumentException("adapter-memory is " + deviceBytes + " and adapter-host-memory is " + hostBytes
                    + "; they must be at least 1 and 0 bytes");
        }
    }

    /// Without a source: folders only.
    public RegistryOptions(List<Path> roots, long deviceBytes, long hostBytes, Duration patience) {
        this(roots, AdapterSource.NONE, deviceBytes, hostBytes, patience);
    }
}
