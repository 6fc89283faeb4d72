package dev.lorikeet.registry;

import dev.lorikeet.registry.AdapterLoader.Facts;
import dev.lorikeet.registry.AdapterLoader.Loaded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// One version of an adapter. Everything that changes is guarded by the registry's lock.
final class Version {
    final String name;
    final int number;
    final Source source;
    final Facts facts;
    final boolean additive;
    final Instant created = Instant.now();
    AdapterState state = AdapterState.DEVICE;
    /// Its tensors on the device or, when `state` is `HOST`, in host memory; empty when they are on disk only.
    Optional<Loaded> loaded;
    /// Completed when `LOADING` ends.
    CompletableFuture<Void> pending = CompletableFuture.completedFuture(null);
    int leases;
    int waiting;
    /// When it was used, in the order of all uses.
    long use;
    Optional<Instant> lastUse = Optional.empty();
    Optional<String> error = Optional.empty();
    /// Who alone may use it; empty: everyone.
    Optional<String> owner;
    /// No request may begin on it any more.
    boolean retired;

    /// Where it comes from. @param stamp of the weights when they were read
    record Source(Path folder, String base, boolean pinned, Stamp stamp) {
        static Source of(Path folder, String base, boolean pinned) {
            return new Source(folder, base, pinned, Stamp.of(folder));
        }

        /// Whether the folder still has what was loaded, as far as can be told without reading it.
        boolean isUnchanged() {
            return stamp.equals(Stamp.of(folder));
        }
    }

    record Stamp(long size, FileTime modified) {
        static Stamp of(Path folder) {
            var file = folder.resolve("adapter_model.safetensors");
            try {
                return new Stamp(Files.size(file), Files.getLastModifiedTime(file));
            } catch (IOException _) {
                return new Stamp(0, FileTime.fromMillis(0));
            }
        }
    }

    Version(String name, int number, Source source, Loaded loaded, Optional<String> owner) {
        this.name = name;
        this.number = number;
        this.source = source;
        this.facts = loaded.facts();
        this.additive = loaded.adapter().isAdditive();
        this.loaded = Optional.of(loaded);
        this.owner = owner;
    }

    boolean isIdle() {
        return leases == 0 && waiting == 0;
    }

    long bytesIn(AdapterState place) {
        return state == place ? facts.bytes() : 0;
    }

    AdapterStatus status(boolean current) {
        return new AdapterStatus(name, number, current, retired ? AdapterState.UNLOADING : state, source.base(), source.folder(), source.pinned(),
                facts.rank(), additive, bytesIn(AdapterState.DEVICE), bytesIn(AdapterState.HOST), leases, created, lastUse, facts.sha256(),
                facts.warnings(), error, owner);
    }
}
