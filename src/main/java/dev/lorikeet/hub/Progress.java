package dev.lorikeet.hub;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// How far a transfer is. @param files by their public addresses @param bytesPerSecond of late @param remaining unknown until bytes have moved
public record Progress(Map<String, File> files, double bytesPerSecond, Optional<Duration> remaining) {
    public Progress {
        files = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(files));
    }

    /// Of a transfer that begins.
    public static final Progress NOTHING_YET = new Progress(Map.of(), 0, Optional.empty());

    /// @param done bytes that are here @param total bytes that there will be
    public record File(long done, long total) {}

    public long done() {
        return files.values().stream().mapToLong(File::done).sum();
    }

    public long total() {
        return files.values().stream().mapToLong(File::total).sum();
    }

    /// Told now and then, from any thread, one call at a time; must not block.
    @FunctionalInterface
    public interface Listener {
        Listener NONE = _ -> { };

        void at(Progress progress);
    }
}
