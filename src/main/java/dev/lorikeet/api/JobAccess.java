package dev.lorikeet.api;

import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.job.FineTuningJob;
import dev.lorikeet.job.JobException;
import dev.lorikeet.job.JobRequest;
import dev.lorikeet.job.Jobs;
import dev.lorikeet.registry.AdapterRegistry;
import dev.lorikeet.store.FileStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/// Whose jobs are whose: another key's job, file or adapter does not exist for the caller, and a user's job may not use the server's own
/// standing on the hub.
@ApplicationScoped
public class JobAccess {
    private final Jobs jobs;
    private final FileStore files;
    private final AdapterRegistry registry;
    private final Callers callers;

    JobAccess(Jobs jobs, FileStore files, AdapterRegistry registry, Callers callers) {
        this.jobs = jobs;
        this.files = files;
        this.registry = registry;
        this.callers = callers;
    }

    /// To whom a new job will belong.
    Optional<String> owner() {
        return callers.owner();
    }

    boolean sees(FineTuningJob job) {
        return callers.caller().sees(job.spec().owner());
    }

    /// @throws JobException.NotFound there is none, or it is another's
    FineTuningJob job(String id) {
        var job = jobs.get(id);
        if (!sees(job)) {
            throw new JobException.NotFound(id);
        }
        return job;
    }

    /// Why a model that a job has made does not answer, if it is for want of its base.
    Optional<CatalogException.NotFound> withoutBase(String model) {
        return jobs.makerWithoutBase(model).filter(job -> callers.caller().mayUse(job.ownerOf(model)))
                .map(job -> CatalogException.NotFound.withoutBase(model, job.spec().base()));
    }

    /// Looks at what a new job names.
    void check(JobRequest request) {
        if (registry.find(request.model()).filter(adapter -> !callers.mayUse(adapter)).isPresent()) {
            throw new CatalogException.NotFound(request.model());
        }
        check("training_file", request.trainingFile());
        request.validationFile().ifPresent(id -> check("validation_file", id));
        if (request.namesTheHub()) {
            callers.requireAdmin("Data sets of the hub and pushes to it use the server's own token; they need an admin's key. Upload the rows to /v1/files instead.");
        }
        if (!callers.caller().isAdmin()) {
            jobs.baseToBring(request).ifPresent(base -> callers.requireAdmin("`" + base + "` is not loaded, and to load a model changes the server for everyone: it needs an admin's "
                    + "key. Ask an admin to load it, or leave out the options that ask for a base in fewer bits."));
        }
    }

    private void check(String param, String id) {
        if (files.find(id).filter(file -> !callers.caller().sees(file.owner())).isPresent()) {
            throw new JobException.NoSuchFile(param, id);
        }
    }
}
