package dev.lorikeet.registry;

import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.tensor.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// The adapters of all base models: loads, names, versions, leases, evicts and unloads them. Safe for use by many threads; every load
/// and eviction is done by one thread of its own, `adapter-loader`, while the callers wait.
public final class AdapterRegistry implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(AdapterRegistry.class);

    private final ModelCatalog catalog;
    private final AdapterLoader loader;
    private final AdapterRoots roots;
    private final AdapterSource source;
    /// Also the lock of every version's state.
    private final AdapterNames names = new AdapterNames();
    private final AdapterTiers tiers;
    private final AdapterLeases leases;
    private final List<String> entering = new ArrayList<>();
    private final List<Version> draining = new ArrayList<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> Thread.ofPlatform().name("adapter-loader").daemon().unstarted(() -> {
        Torch.enterThread(false);
        task.run();
    }));
    private final long deviceBudget;
    private long swaps;

    /// What an unload gave back.
    public record Freed(long deviceBytes, long hostBytes) {
        Freed plus(Freed other) {
            return new Freed(deviceBytes + other.deviceBytes, hostBytes + other.hostBytes);
        }
    }

    /// @param path of a folder, absolute or relative to a root, or a name of the source @param inPlace whether the name may exist: then this is its next version
    /// @param pinned never evict it @param base id of its base model; empty: the one it says it was made for, or else the default
    public record LoadRequest(String name, String path, boolean inPlace, boolean pinned, Optional<String> base) {}

    /// @param number of the version; empty: the next one
    private record Placed(String name, Path folder, boolean inPlace, boolean pinned, Optional<String> base, OptionalInt number) {}

    public AdapterRegistry(ModelCatalog catalog, AdapterLoader loader, RegistryOptions options) {
        this.catalog = catalog;
        this.loader = loader;
        this.deviceBudget = options.deviceBytes();
        this.roots = new AdapterRoots(options.roots());
        this.source = options.source();
        this.tiers = new AdapterTiers(names, catalog, loader, options);
        this.leases = new AdapterLeases(names, catalog, version -> onLoader(() -> tiers.bring(version)), options.patience());
        catalog.subscribe(event -> {
            if (event.state() instanceof ModelState.Unloaded) {
                tiers.baseGone(event.model());
            }
        });
    }

    /// Loads a folder under one of the roots, or a name of the source. Blocks until it can be used.
    ///
    /// @throws AdapterException what is wrong with the name, the path, the files or the room; then nothing has changed
    /// @throws dev.lorikeet.catalog.CatalogException what is wrong with the base
    public AdapterStatus load(LoadRequest request) {
        AdapterName.check(request.name());
        checkFree(request.name(), request.inPlace());
        return place(new Placed(request.name(), folder(request.path()), request.inPlace(), request.pinned(), request.base(), OptionalInt.empty()));
    }

    /// The folder that a request names: under a root, which has precedence, or fetched by its name from the source.
    ///
    /// @throws AdapterException when it is neither
    public Path folder(String path) {
        try {
            return roots.find(path);
        } catch (AdapterException.NotFound notFound) {
            return source.fetch(path).orElseThrow(() -> notFound);
        }
    }

    /// As [#load], for a folder anywhere that the server itself knows to be good: of its command line, or just written by its trainer.
    /// A name that exists gets its next version.
    public AdapterStatus publish(String name, Path folder, Optional<String> base) {
        AdapterName.check(name);
        return place(new Placed(name, folder.toAbsolutePath().normalize(), true, false, base, OptionalInt.empty()));
    }

    /// Loads a version that another server has loaded, under the number that it has there.
    AdapterStatus place(String name, SharedName.Entry entry) {
        return place(new Placed(name, folder(entry.path()), true, entry.pinned(), Optional.of(entry.base()), OptionalInt.of(entry.number())));
    }

    /// Other servers have given the numbers up to this one.
    void countTo(String name, int number) {
        synchronized (names) {
            names.countTo(name, number);
        }
    }

    private AdapterStatus place(Placed wanted) {
        synchronized (names) {
            entering.add(wanted.name());
        }
        try {
            return await(CompletableFuture.supplyAsync(() -> enter(wanted), thread));
        } catch (RejectedExecutionException _) {
            throw new AdapterException.Full("The server is shutting down.");
        } finally {
            synchronized (names) {
                entering.remove(wanted.name());
            }
        }
    }

    /// Loader thread: so that of two requests for one name the second sees what the first has made of it.
    private AdapterStatus enter(Placed wanted) {
        checkFree(wanted.name(), wanted.inPlace());
        long start = System.nanoTime();
        try (var base = catalog.lease(base(wanted))) {
            var source = Version.Source.of(wanted.folder(), base.entry().id(), wanted.pinned());
            var loaded = tiers.read(wanted.folder(), base);
            Version version;
            synchronized (names) {
                version = new Version(wanted.name(), wanted.number().orElseGet(() -> names.nextNumber(wanted.name())), source, loaded);
                version.use = leases.nextUse();
                swaps += names.add(version) ? 1 : 0;
            }
            LOG.infof("adapter %s@%d loaded in %d ms: rank %d, %,d bytes, base %s, from %s", version.name, version.number,
                    (System.nanoTime() - start) / 1_000_000, version.facts.rank(), version.facts.bytes(), source.base(), source.folder());
            version.facts.warnings().forEach(warning -> LOG.warnf("adapter %s@%d: %s", version.name, version.number, warning));
            return status(version);
        } catch (AdapterException e) {
            LOG.warnf("adapter %s was not loaded: %s", wanted.name(), e.getMessage());
            throw e;
        }
    }

    private void checkFree(String name, boolean inPlace) {
        if (entries().stream().anyMatch(entry -> entry.id().equals(name))) {
            throw new AdapterException.Invalid("`" + name + "` is the name of a base model; give the adapter another");
        }
        synchronized (names) {
            if (!inPlace && names.has(name)) {
                throw new AdapterException.Invalid("The lora adapter '" + name + "' has already been loaded. If you want to load the adapter in place, "
                        + "set 'load_inplace' to True.");
            }
        }
    }

    /// The base of an adapter: as wished; that of the name's older versions; the resident one its config names; the default.
    private String base(Placed wanted) {
        Optional<String> earlier;
        synchronized (names) {
            earlier = names.find(wanted.name()).map(version -> version.source.base());
        }
        if (earlier.isPresent() && wanted.base().isPresent() && !earlier.equals(wanted.base())) {
            throw new AdapterException.Invalid("'" + wanted.name() + "' is an adapter of `" + earlier.get() + "`, not of `" + wanted.base().get()
                    + "`; unload it first, or take another name");
        }
        var known = entries();
        return wanted.base().or(() -> earlier).orElseGet(() -> {
            String stated = loader.statedBase(wanted.folder());
            return known.stream().filter(entry -> entry.id().equals(stated) && entry.state() instanceof ModelState.Loaded).findFirst()
                    .orElseGet(known::getFirst).id();
        });
    }

    private List<ModelEntry> entries() {
        return catalog.entries();
    }

    /// Takes a name away, or one version (`name@2`), waits for the requests that run on it, and frees it. Blocks.
    ///
    /// @throws AdapterException.NotFound nothing is called so
    public Freed unload(String text) throws InterruptedException {
        List<Version> leaving;
        synchronized (names) {
            leaving = names.remove(text);
            if (leaving.isEmpty()) {
                throw new AdapterException.NotFound("The lora adapter '" + text + "' cannot be found.");
            }
            leaving.forEach(version -> version.retired = true);
            draining.addAll(leaving);
            while (leaving.stream().anyMatch(version -> version.leases > 0)) {
                names.wait();
            }
        }
        var freed = await(CompletableFuture.supplyAsync(() -> leaving.stream().map(tiers::free).reduce(new Freed(0, 0), Freed::plus), thread));
        synchronized (names) {
            draining.removeAll(leaving);
        }
        LOG.infof("adapter %s unloaded, %,d bytes freed on the device and %,d on the host", text, freed.deviceBytes(), freed.hostBytes());
        return freed;
    }

    /// Lets a name mean another of its versions, at once. @param version empty: the one before the current one
    public AdapterStatus rollback(String name, OptionalInt version) {
        synchronized (names) {
            var current = names.point(name, version);
            swaps++;
            LOG.infof("adapter %s now is %s@%d", name, name, current.number);
            return current.status(true);
        }
    }

    /// What a request that names a model runs on: a base model, `adapter`, `adapter@version` or `base:adapter`; names that exist as they
    /// are come first. Waits for an adapter that has to be brought back.
    ///
    /// @param further adapters with their weights, mixed with that of the name
    /// @throws dev.lorikeet.catalog.CatalogException as [ModelCatalog#lease] @throws AdapterException what is wrong with an adapter
    public ServedModel lease(String model, List<AdapterLeases.Wish> further) {
        return leases.lease(model, further);
    }

    /// On the default model.
    public ServedModel leaseDefault(List<AdapterLeases.Wish> further) {
        return leases.lease(entries().getFirst().id(), further);
    }

    /// What `adapter`, `adapter@version` or `base:adapter` means now.
    public Optional<AdapterStatus> find(String model) {
        synchronized (names) {
            return leases.find(model).map(this::status);
        }
    }

    /// Whether a name's current version is what this folder has.
    boolean hasUnchanged(String name, Path folder) {
        synchronized (names) {
            return names.find(name).filter(version -> version.source.equals(Version.Source.of(folder.toAbsolutePath().normalize(), version.source.base(),
                    version.source.pinned()))).isPresent();
        }
    }

    /// Every version of every adapter.
    public List<AdapterStatus> list() {
        synchronized (names) {
            return everything().map(this::status).toList();
        }
    }

    private Stream<Version> everything() {
        return Stream.concat(names.all(), draining.stream());
    }

    private AdapterStatus status(Version version) {
        synchronized (names) {
            return version.status(names.isCurrent(version));
        }
    }

    /// Numbers for monitoring, as of now.
    public AdapterStats stats() {
        synchronized (names) {
            var running = new TreeSet<String>();
            var waiting = new TreeSet<>(entering);
            names.all().forEach(version -> {
                if (version.state == AdapterState.DEVICE) {
                    running.add(version.name);
                } else if (version.waiting > 0) {
                    waiting.add(version.name);
                }
            });
            return new AdapterStats(swaps, tiers.evictions(), tiers.reloads(), tiers.bytes(AdapterState.DEVICE), tiers.bytes(AdapterState.HOST),
                    deviceBudget, running, waiting);
        }
    }

    private void onLoader(Runnable task) {
        thread.execute(task);
    }

    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /// Frees every adapter; to be called once the engine has stopped.
    @Override
    public void close() {
        thread.close();
        List<Version> left;
        synchronized (names) {
            left = everything().toList();
        }
        left.forEach(tiers::free);
    }
}
