package dev.lorikeet.app;

import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.registry.AdapterRegistry;
import dev.lorikeet.registry.AdapterWatch;
import dev.lorikeet.registry.SharedAdapters;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// The adapters of the command line, those that the servers on the data folder share, and the folder that is watched.
@ApplicationScoped
public class StartAdapters {
    private static final Logger LOG = Logger.getLogger(StartAdapters.class);
    private static final long SECONDS_BETWEEN_LOOKS = 1;

    private final LorikeetConfig config;
    private final AdapterRegistry registry;
    private final SharedAdapters shared;
    private volatile boolean loaded;
    private Optional<ScheduledExecutorService> watcher = Optional.empty();

    StartAdapters(LorikeetConfig config, AdapterRegistry registry, SharedAdapters shared) {
        this.shared = shared;
        this.config = config;
        this.registry = registry;
    }

    /// Loads those of the command line; a wrong one ends the start, as a wrong model does.
    void load() {
        for (String entry : config.adapter().orElse(List.of())) {
            int equals = entry.indexOf('=');
            registry.publish(entry.substring(0, Math.max(0, equals)).strip(), Path.of(entry.substring(equals + 1).strip()), Optional.empty());
        }
        shared.follow();
        loaded = true;
        watch();
    }

    private synchronized void watch() {
        var watch = new AdapterWatch(registry, shared, Path.of(config.data(), "adapters"));
        var thread = Executors.newSingleThreadScheduledExecutor(task -> Thread.ofPlatform().name("adapter-watch").daemon().unstarted(task));
        thread.scheduleWithFixedDelay(() -> {
            try {
                shared.follow();
                if (config.watchAdapters()) {
                    watch.look();
                }
            } catch (RuntimeException e) {
                LOG.error("a bug in watching for adapters; the next look goes on", e);
            }
        }, 0, SECONDS_BETWEEN_LOOKS, TimeUnit.SECONDS);
        watcher = Optional.of(thread);
    }

    /// Whether requests may name them.
    boolean isLoaded() {
        return loaded || config.adapter().isEmpty() && shared.isEmpty();
    }

    synchronized void close() {
        watcher.ifPresent(ScheduledExecutorService::shutdownNow);
        registry.close();
    }
}
