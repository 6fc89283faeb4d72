package dev.lorikeet.app;

import dev.lorikeet.api.OpenRequests;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.job.JobWorkers;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/// `/q/health`: started once the default model has been loaded; ready while it is, with its adapters and what was trained on it, and the server takes requests; live as
/// long as the engine thread makes its turns. A full queue leaves a server ready: it answers 429, and were all replicas full, nobody would be
/// left to say so.
@ApplicationScoped
public class ModelChecks {
    /// The longest step, a chunk of a prompt on a slow processor, is far shorter.
    private static final Duration LONGEST_TURN = Duration.ofMinutes(5);

    private final ModelCatalog catalog;
    private final InferenceLoop loop;
    private final StartAdapters adapters;
    private final JobWorkers jobs;
    private final OpenRequests requests;
    private volatile boolean started;

    ModelChecks(ModelCatalog catalog, InferenceLoop loop, StartAdapters adapters, JobWorkers jobs, OpenRequests requests) {
        this.requests = requests;
        this.jobs = jobs;
        this.adapters = adapters;
        this.catalog = catalog;
        this.loop = loop;
    }

    @Produces
    @Startup
    HealthCheck started() {
        return () -> {
            started = started || loaded();
            return answer("default model loaded once", started);
        };
    }

    @Produces
    @Readiness
    HealthCheck ready() {
        return () -> answer("default model answers", loaded() && adapters.isLoaded() && hasPublished() && !requests.isClosing());
    }

    @Produces
    @Liveness
    HealthCheck live() {
        return () -> HealthCheckResponse.named("engine thread makes its turns")
                .status(loop.isAlive() && loop.nanosSinceTurn() < LONGEST_TURN.toNanos()).build();
    }

    private boolean loaded() {
        return defaultModel().filter(entry -> entry.state() instanceof ModelState.Loaded).isPresent();
    }

    private boolean hasPublished() {
        return defaultModel().filter(entry -> !jobs.hasPublished(entry.id())).isEmpty();
    }

    private HealthCheckResponse answer(String name, boolean up) {
        var response = HealthCheckResponse.named(name).status(up);
        defaultModel().ifPresent(entry -> response.withData("model", entry.id()).withData("state", entry.state().getClass().getSimpleName()));
        return response.build();
    }

    private Optional<ModelEntry> defaultModel() {
        return catalog.entries().stream().findFirst();
    }
}
