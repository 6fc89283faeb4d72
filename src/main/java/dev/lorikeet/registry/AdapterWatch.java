package dev.lorikeet.registry;

import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.registry.AdapterRegistry.LoadRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Loads the adapters that appear in a folder, each under the name of its own folder, and again when its files have changed. A folder
/// counts as complete when it has both of PEFT's files and nothing in it has changed between two looks. One thread.
public final class AdapterWatch {
    private static final Logger LOG = Logger.getLogger(AdapterWatch.class);

    private final AdapterRegistry registry;
    private final SharedAdapters shared;
    private final Path folder;
    private final Map<Path, Look> looks = new HashMap<>();

    /// What a folder looked like. @param done whether this state has been loaded or found wrong
    private record Look(Map<String, Stamp> files, boolean done) {}

    private record Stamp(long size, FileTime modified) {}

    /// @param folder one of the registry's roots
    public AdapterWatch(AdapterRegistry registry, Path folder) {
        this(registry, new SharedAdapters(registry, folder), folder);
    }

    /// @param folder one of the registry's roots
    public AdapterWatch(AdapterRegistry registry, SharedAdapters shared, Path folder) {
        this.registry = registry;
        this.shared = shared;
        this.folder = folder;
    }

    /// Looks once. Blocks while it loads.
    public void look() {
        var present = adapters();
        looks.keySet().retainAll(present);
        for (Path adapter : present) {
            var files = files(adapter);
            var before = Optional.ofNullable(looks.get(adapter));
            boolean settled = before.isPresent() && before.get().files().equals(files);
            boolean done = settled && (before.get().done() || load(adapter));
            looks.put(adapter, new Look(files, done));
        }
    }

    private List<Path> adapters() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var children = Files.list(folder)) {
            return children.filter(child -> Files.exists(child.resolve("adapter_config.json")) && Files.exists(child.resolve("adapter_model.safetensors"))
                    && !child.getFileName().toString().startsWith(".")).sorted().toList();
        } catch (IOException e) {
            LOG.warnf("%s cannot be watched: %s", folder, e.getMessage());
            return List.of();
        }
    }

    private static Map<String, Stamp> files(Path adapter) {
        var stamps = new TreeMap<String, Stamp>();
        try (Stream<Path> files = Files.list(adapter)) {
            for (Path file : files.toList()) {
                stamps.put(file.getFileName().toString(), new Stamp(Files.size(file), Files.getLastModifiedTime(file)));
            }
        } catch (IOException _) {
            // It is just being replaced: the next look tells.
            stamps.clear();
        }
        return stamps;
    }

    /// @return whether there is nothing more to do about this state of the folder
    private boolean load(Path adapter) {
        String name = adapter.getFileName().toString();
        if (registry.hasUnchanged(name, adapter)) {
            return true;
        }
        try {
            shared.loadIfChanged(new LoadRequest(name, name, true, false, Optional.empty()), adapter);
            return true;
        } catch (AdapterException.Full | CatalogException _) {
            return false;
        } catch (AdapterException e) {
            LOG.warnf("the watched adapter %s is not served: %s", name, e.getMessage());
            return true;
        }
    }
}
