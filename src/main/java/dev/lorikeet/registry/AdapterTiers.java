package dev.lorikeet.registry;

import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelLease;
import dev.lorikeet.registry.AdapterLoader.Loaded;
import dev.lorikeet.tensor.NativeHeap;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/// Moves adapters between device, host memory and disk within their budgets: who was not used for longest leaves first, and nobody who
/// is pinned or in use. Loader thread only; states change under the registry's lock, tensors outside of it.
final class AdapterTiers {
    private static final Logger LOG = Logger.getLogger(AdapterTiers.class);
    private static final Comparator<Version> LEAST_RECENTLY_USED = Comparator.comparingLong(version -> version.use);

    private final AdapterNames names;
    private final ModelCatalog catalog;
    private final AdapterLoader loader;
    private final RegistryOptions options;
    private long evictions;
    private long reloads;

    /// @param names also the lock
    AdapterTiers(AdapterNames names, ModelCatalog catalog, AdapterLoader loader, RegistryOptions options) {
        this.names = names;
        this.catalog = catalog;
        this.loader = loader;
        this.options = options;
    }

    long evictions() {
        return evictions;
    }

    long reloads() {
        return reloads;
    }

    /// Under the lock.
    long bytes(AdapterState place) {
        return names.all().mapToLong(version -> version.bytesIn(place)).sum();
    }

    /// Reads a folder, once there is room for it.
    Loaded read(Path folder, ModelLease base) {
        makeRoom(loader.bytesNeeded(folder, base));
        var loaded = loader.load(folder, base);
        NativeHeap.trim();
        return loaded;
    }

    /// Brings an evicted version back to the device and completes what waits for it.
    void bring(Version version) {
        CompletableFuture<Void> pending;
        synchronized (names) {
            pending = version.pending;
        }
        try (var base = catalog.lease(version.source.base())) {
            makeRoom(version.facts.bytes());
            var stored = version.loaded;
            var next = stored.isPresent() ? loader.copy(stored.get(), false, base) : readAgain(version, base);
            synchronized (names) {
                version.loaded = Optional.of(next);
                version.state = AdapterState.DEVICE;
                version.error = Optional.empty();
                reloads++;
            }
            stored.ifPresent(Loaded::closeTensors);
            pending.complete(null);
        } catch (RuntimeException | OutOfMemoryError e) {
            synchronized (names) {
                version.state = version.loaded.isPresent() ? AdapterState.HOST : AdapterState.DISK;
                version.error = e instanceof AdapterException.Full || e instanceof CatalogException ? version.error : Optional.of(String.valueOf(e.getMessage()));
            }
            // Whoever asked tries again while memory is full.
            LOG.logf(e instanceof AdapterException.Full ? Logger.Level.DEBUG : Logger.Level.WARN, "adapter %s@%d could not be brought back: %s", version.name,
                    version.number, e.getMessage());
            pending.completeExceptionally(e);
        }
    }

    private Loaded readAgain(Version version, ModelLease base) {
        var loaded = loader.load(version.source.folder(), base);
        if (!loaded.facts().sha256().equals(version.facts.sha256())) {
            loaded.close();
            throw new AdapterException.Refused("The files of `" + version.name + "@" + version.number + "` in " + version.source.folder()
                    + " have changed since it was loaded, so it cannot be read again: load them as its next version with load_inplace, or unload it.");
        }
        return loaded;
    }

    private void makeRoom(long bytes) {
        if (bytes > options.deviceBytes()) {
            throw new AdapterException.Refused("The adapter needs " + bytes + " bytes, more than all adapters may take (--adapter-memory "
                    + options.deviceBytes() + ")");
        }
        for (var leaving = List.<Version>of(); !fits(bytes); evict(leaving.getFirst())) {
            leaving = leaving();
            if (leaving.isEmpty()) {
                throw new AdapterException.Full("The adapter needs " + bytes + " bytes, and all adapter memory (--adapter-memory " + options.deviceBytes()
                        + ") is taken by adapters that are in use or pinned. Try again in a few seconds.");
            }
        }
    }

    private boolean fits(long bytes) {
        synchronized (names) {
            return bytes(AdapterState.DEVICE) + bytes <= options.deviceBytes();
        }
    }

    /// The version that leaves next, marked so that nobody begins on it; empty if none may.
    private List<Version> leaving() {
        List<Version> candidates;
        synchronized (names) {
            candidates = names.all().filter(AdapterTiers::mayLeave).sorted(LEAST_RECENTLY_USED).toList();
        }
        for (var version : candidates) {
            boolean replaceable = options.hostBytes() >= version.facts.bytes() || version.source.isUnchanged();
            synchronized (names) {
                // What cannot be read again goes only if a newer version has taken its place.
                if (mayLeave(version) && (replaceable || !names.isCurrent(version))) {
                    version.state = AdapterState.LOADING;
                    version.pending = new CompletableFuture<>();
                    return List.of(version);
                }
            }
        }
        return List.of();
    }

    private static boolean mayLeave(Version version) {
        return version.state == AdapterState.DEVICE && version.isIdle() && !version.source.pinned() && !version.retired;
    }

    private void evict(Version version) {
        var onDevice = version.loaded.orElseThrow();
        var base = baseOf(version);
        CompletableFuture<Void> pending;
        try {
            base.ifPresent(there -> release(onDevice, there));
            var onHost = base.filter(_ -> makeHostRoom(version.facts.bytes())).map(there -> loader.copy(onDevice, true, there));
            // While the base is leased, so that it does not go without what the host keeps.
            synchronized (names) {
                version.loaded = onHost;
                version.state = onHost.isPresent() ? AdapterState.HOST : AdapterState.DISK;
                pending = version.pending;
                evictions++;
            }
            if (onHost.isPresent()) {
                onDevice.closeTensors();
            } else {
                onDevice.close();
            }
            NativeHeap.trim();
            LOG.infof("adapter %s@%d evicted to %s", version.name, version.number, onHost.isPresent() ? "host memory" : "disk");
        } catch (RuntimeException | Error e) {
            // It has not moved: whoever waits for it finds it where it was.
            synchronized (names) {
                version.state = AdapterState.DEVICE;
                version.pending.complete(null);
            }
            throw e;
        } finally {
            base.ifPresent(ModelLease::close);
        }
        pending.complete(null);
    }

    /// Empty when the base is on its way out: then its engine drops all it has by itself.
    private Optional<ModelLease> baseOf(Version version) {
        try {
            return Optional.of(catalog.lease(version.source.base()));
        } catch (CatalogException _) {
            return Optional.empty();
        }
    }

    private static void release(Loaded loaded, ModelLease base) {
        try {
            base.model().generator().release(loaded.adapter());
        } catch (InterruptedException _) {
            // What the engine still holds of it is freed when the engine lets go.
            Thread.currentThread().interrupt();
        }
    }

    private boolean makeHostRoom(long bytes) {
        if (bytes > options.hostBytes()) {
            return false;
        }
        while (true) {
            Loaded dropped;
            synchronized (names) {
                if (bytes(AdapterState.HOST) + bytes <= options.hostBytes()) {
                    return true;
                }
                var oldest = names.all().filter(version -> version.state == AdapterState.HOST && version.isIdle()).min(LEAST_RECENTLY_USED);
                if (oldest.isEmpty()) {
                    return false;
                }
                dropped = oldest.get().loaded.orElseThrow();
                oldest.get().loaded = Optional.empty();
                oldest.get().state = AdapterState.DISK;
            }
            dropped.close();
        }
    }

    /// Frees a version that nobody may use any more. @return what it took
    AdapterRegistry.Freed free(Version version) {
        Optional<Loaded> loaded;
        AdapterRegistry.Freed freed;
        synchronized (names) {
            loaded = version.loaded;
            freed = new AdapterRegistry.Freed(version.bytesIn(AdapterState.DEVICE), version.bytesIn(AdapterState.HOST));
            version.loaded = Optional.empty();
            version.state = AdapterState.DISK;
        }
        var base = baseOf(version);
        loaded.ifPresent(some -> {
            base.ifPresent(there -> release(some, there));
            some.close();
        });
        base.ifPresent(ModelLease::close);
        NativeHeap.trim();
        return freed;
    }

    /// The base has gone, and with it everything that ran on it.
    void baseGone(String id) {
        List<Loaded> left;
        synchronized (names) {
            var versions = names.all().filter(version -> version.source.base().equals(id) && version.loaded.isPresent()
                    && version.state != AdapterState.LOADING).toList();
            left = versions.stream().map(version -> version.loaded.orElseThrow()).toList();
            versions.forEach(version -> {
                version.loaded = Optional.empty();
                version.state = AdapterState.DISK;
            });
        }
        left.forEach(Loaded::close);
        NativeHeap.trim();
    }
}
