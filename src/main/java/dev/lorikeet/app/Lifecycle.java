package dev.lorikeet.app;

import dev.lorikeet.catalog.BaseModels;
import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.job.JobWorkers;
import dev.lorikeet.registry.AdapterException;
import dev.lorikeet.store.AtomicFile;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/// Start: check the model's folder, load it and then the adapters in the background, listen, let jobs go on. Stop: refuse new requests, let
/// those that run end while the trainer writes a checkpoint, engine, adapters, models.
@ApplicationScoped
class Lifecycle {
    private static final Logger LOG = Logger.getLogger(Lifecycle.class);

    /// Nobody who still writes a checkpoint is silent for so long.
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final LorikeetConfig config;
    private final BaseModels models;
    private final StartAdapters adapters;
    private final JobWorkers workers;
    private final Ending ending;
    private final CompletableFuture<Boolean> serves = new CompletableFuture<>();
    private volatile boolean listening;
    private volatile boolean loaded;
    private boolean announced;

    Lifecycle(LorikeetConfig config, BaseModels models, StartAdapters adapters, JobWorkers workers, Ending ending) {
        this.adapters = adapters;
        this.config = config;
        this.models = models;
        this.workers = workers;
        this.ending = ending;
    }

    void start(@Observes StartupEvent event) {
        sweep();
        String id = models.idOf(config.model());
        models.subscribe(change -> {
            if (change.model().equals(id) && change.state() instanceof ModelState.Failed && !loaded) {
                stopBecauseNothingServes();
            }
            if (change.model().equals(id) && change.state() instanceof ModelState.Loaded && !loaded) {
                // The listener must not hold up the loader.
                Thread.startVirtualThread(this::loadAdapters);
            }
        });
        try {
            models.start(config.model());
        } catch (CatalogException e) {
            LOG.errorf("cannot serve %s: %s", config.model(), e.getMessage());
            stopBecauseNothingServes();
            return;
        }
        // A job that goes on may need this model in fewer bits, for which it must be known.
        workers.start();
    }

    /// Jobs and uploads belong to the server alone and are swept by their stores. A model folder may be in the making by `lorikeet merge`.
    private void sweep() {
        var limit = Instant.now().minus(ABANDONED);
        for (String name : List.of("models", "adapters")) {
            try {
                AtomicFile.sweepOlder(Path.of(config.data(), name), limit).forEach(path -> LOG.infof("removed %s, which a process that was killed left half-written", path));
            } catch (IOException e) {
                LOG.warnf("half-written folders in %s could not be removed: %s", Path.of(config.data(), name), e.getMessage());
            }
        }
    }

    private void loadAdapters() {
        try {
            adapters.load();
            loaded = true;
            serves.complete(true);
            announce();
        } catch (AdapterException | CatalogException e) {
            LOG.errorf("cannot serve the adapters of the command line: %s", e.getMessage());
            stopBecauseNothingServes();
        }
    }

    void listening(@ObservesAsync HttpServerStart event) {
        listening = true;
        announce();
    }

    /// Says once where the server is, when it both listens and has its model.
    private synchronized void announce() {
        if (listening && loaded && !announced) {
            announced = true;
            LOG.infof("serving %s on http://%s:%d (a page to chat is there; /q/swagger-ui describes the API)", config.model(), config.host(), config.port());
        }
    }

    /// A server whose own model cannot be loaded would only answer errors; who started it should see that at once.
    private void stopBecauseNothingServes() {
        serves.complete(false);
        Quarkus.asyncExit(1);
    }

    /// Waits until the start model and its adapters are loaded. A command that runs in this process must end it itself where they cannot be.
    ///
    /// @return whether they are
    boolean awaitServing() {
        return serves.join();
    }

    /// While connections are still open, so that streams can come to their end.
    void beforeConnectionsClose(@Observes ShutdownDelayInitiatedEvent event) {
        ending.letRequestsEnd(config.grace());
        ending.stopComputing();
    }

    /// A start that failed is ended without the former.
    void stop(@Observes ShutdownEvent event) {
        ending.stopComputing();
        adapters.close();
        models.close();
    }
}
