package dev.lorikeet.registry;

import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.registry.AdapterRegistry.Freed;
import dev.lorikeet.registry.AdapterRegistry.LoadRequest;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.LockFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// Adapters that are loaded, replaced, rolled back and unloaded here are so in every server on the same data folder, under the same numbers,
/// and in those that start later. What a name means is written down in a file that all of them follow; see [SharedName]. Those of the command
/// line belong to their process, and those of jobs follow the jobs.
public final class SharedAdapters {
    private static final Logger LOG = Logger.getLogger(SharedAdapters.class);
    private static final String FOLDER = ".names";

    private final AdapterRegistry registry;
    private final Path folder;
    /// What was last taken in of each name.
    private final Map<String, SharedName> taken = new ConcurrentHashMap<>();
    private final Set<String> complained = ConcurrentHashMap.newKeySet();

    /// @param adapters the folder of adapters that the servers share
    public SharedAdapters(AdapterRegistry registry, Path adapters) {
        this.registry = registry;
        this.folder = adapters.resolve(FOLDER);
    }

    /// As [AdapterRegistry#load], in all servers.
    public AdapterStatus load(LoadRequest request) {
        AdapterName.check(request.name());
        return shared(request.name(), () -> {
            var status = registry.load(request);
            write(known(request.name()).with(SharedName.Entry.of(status, request.path())));
            return status;
        });
    }

    /// As [#load], unless what the folder has is served already.
    void loadIfChanged(LoadRequest request, Path from) {
        shared(request.name(), () -> {
            if (!registry.hasUnchanged(request.name(), from)) {
                var status = registry.load(request);
                write(known(request.name()).with(SharedName.Entry.of(status, request.path())));
            }
            return true;
        });
    }

    /// As [AdapterRegistry#unload], in all servers; the others let their own requests end.
    public Freed unload(String text) throws InterruptedException {
        var name = AdapterName.parse(text);
        shared(name.name(), () -> {
            SharedName.read(file(name.name())).filter(known -> known.has(name.version())).ifPresent(known -> write(known.without(name.version())));
            return true;
        });
        return registry.unload(text);
    }

    /// As [AdapterRegistry#rollback], in all servers.
    public AdapterStatus rollback(String name, OptionalInt version) {
        return shared(AdapterName.parse(name).name(), () -> {
            var status = registry.rollback(name, version);
            if (SharedName.read(file(name)).isPresent()) {
                write(known(name).pointing(status.version()));
            }
            return status;
        });
    }

    /// Takes in what other servers have done since the last look. Blocks while it loads.
    public void follow() {
        for (var file : files()) {
            try {
                var changed = SharedName.read(file).filter(now -> !now.equals(taken.get(now.name())));
                if (changed.isPresent()) {
                    follow(changed.get().name());
                }
            } catch (BadFileException e) {
                complain(file.toString(), e.getMessage() + "; it is left out: delete it, and load the adapter again");
            }
        }
    }

    /// Somebody who is at work on a name may take long: the next look finds what he has done.
    private void follow(String name) {
        try {
            var lock = LockFile.tryExclusive(lock(name));
            if (lock.isPresent()) {
                try (var _ = lock.get()) {
                    takeIn(name);
                }
            }
        } catch (IOException e) {
            complain(name, e.getMessage());
        }
    }

    /// Whether nobody has loaded anything on this data folder.
    public boolean isEmpty() {
        return files().isEmpty();
    }

    private List<Path> files() {
        try {
            if (!Files.isDirectory(folder)) {
                return List.of();
            }
            try (var files = Files.list(folder)) {
                return files.filter(SharedName::isOne).sorted().toList();
            }
        } catch (IOException e) {
            complain(folder.toString(), "the names of adapters cannot be read: " + e.getMessage());
            return List.of();
        }
    }

    /// Does something with a name while no other server does, once what they have done is taken in.
    private <T> T shared(String name, Supplier<T> work) {
        try {
            Files.createDirectories(folder);
            try (var _ = LockFile.exclusive(lock(name))) {
                takeIn(name);
                return work.get();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("what the adapter " + name + " means cannot be shared in " + folder, e);
        }
    }

    private Path lock(String name) {
        return file(name).resolveSibling("." + file(name).getFileName() + ".lock");
    }

    private Path file(String name) {
        return SharedName.file(folder, name);
    }

    /// What the file says, or else nothing yet, but numbers go on from those of this process.
    private SharedName known(String name) {
        return SharedName.read(file(name)).orElseGet(() -> new SharedName(name, 0, List.of(), 0));
    }

    private void write(SharedName name) {
        try {
            name.write(file(name.name()));
            taken.put(name.name(), name);
        } catch (IOException e) {
            LOG.errorf("what the adapter %s means now could not be written, so that no other server follows: %s", name.name(), e.getMessage());
        }
    }

    private Set<Integer> numbers(String name) {
        return registry.list().stream().filter(status -> status.name().equals(name) && status.state() != AdapterState.UNLOADING).map(AdapterStatus::version)
                .collect(Collectors.toSet());
    }

    private void takeIn(String name) {
        var now = SharedName.read(file(name));
        var before = Optional.ofNullable(taken.get(name));
        if (now.isEmpty() || now.equals(before)) {
            return;
        }
        boolean complete = true;
        registry.countTo(name, now.get().last());
        var present = numbers(name);
        for (var entry : now.get().versions()) {
            complete &= present.contains(entry.number()) || place(name, entry, entry.number() == now.get().current());
        }
        var gone = new HashSet<>(before.map(SharedName::numbers).orElse(Set.of()));
        gone.removeAll(now.get().numbers());
        gone.retainAll(present);
        // Whoever runs on one still may take long.
        gone.forEach(number -> Thread.ofVirtual().name("adapter-unload").start(() -> unloadHere(name + "@" + number)));
        if (numbers(name).contains(now.get().current()) && registry.find(name).filter(status -> status.version() != now.get().current()).isPresent()) {
            registry.rollback(name, OptionalInt.of(now.get().current()));
        }
        if (complete) {
            taken.put(name, now.get());
        }
    }

    private void unloadHere(String version) {
        try {
            registry.unload(version);
        } catch (AdapterException.NotFound _) {
            // Somebody was faster.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return whether there is nothing more to be done about it
    private boolean place(String name, SharedName.Entry entry, boolean current) {
        try {
            var status = registry.place(name, entry);
            if (!status.sha256().equals(entry.sha256())) {
                if (!current) {
                    unloadHere(status.versionedName());
                }
                complain(status.versionedName(), "its files have changed since they were loaded" + (current ? "; it is served as they are now" : ""));
            }
            return true;
        } catch (AdapterException.Full | CatalogException e) {
            complain(name + "@" + entry.number(), e.getMessage());
            return false;
        } catch (AdapterException e) {
            complain(name + "@" + entry.number(), e.getMessage());
            return true;
        }
    }

    /// Once: it is tried again every second.
    private void complain(String what, String why) {
        if (complained.add(what)) {
            LOG.warnf("%s, which another server or an earlier one has loaded, is not served here as it was: %s", what, why);
        }
    }
}
