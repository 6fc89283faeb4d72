package dev.lorikeet.job;

import dev.lorikeet.job.JobEvent.Level;
import dev.lorikeet.job.TrainingBackend.BaseState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Tells jobs that wait for a base which they have asked for how far it is, and ends them if it does not come.
final class BaseArrivals {
    private static final int PARTS = 10;

    private final Jobs jobs;
    private final TrainingBackend backend;
    private final Map<String, Integer> told = new ConcurrentHashMap<>();

    BaseArrivals(Jobs jobs, TrainingBackend backend) {
        this.jobs = jobs;
        this.backend = backend;
    }

    /// To be called after each change of this model.
    void changed(String base) {
        switch (backend.state(base)) {
            case BaseState.Coming(double progress) -> {
                int part = (int) (progress * PARTS);
                Integer before = told.put(base, part);
                if (before == null || before != part) {
                    waiting(base).forEach(job -> jobs.tell(job.id(), Level.INFO, "Loading " + base + ": " + part * (100 / PARTS) + " %"));
                }
            }
            case BaseState.Resident _ -> {
                if (told.remove(base) != null) {
                    waiting(base).forEach(job -> jobs.tell(job.id(), Level.INFO, "The base " + base + " is loaded"));
                }
            }
            case BaseState.Failed(String reason) -> {
                told.remove(base);
                waiting(base).forEach(job -> jobs.fail(job.id(), new JobError("model_not_loaded", "The base " + base + " could not be loaded: " + reason,
                        Optional.empty())));
            }
            case BaseState.Away _ -> told.remove(base);
        }
    }

    private List<FineTuningJob> waiting(String base) {
        return jobs.list().stream().filter(job -> job.spec().base().equals(base) && job.spec().quantization().isPresent())
                .filter(job -> job.status() == JobStatus.QUEUED || job.status() == JobStatus.VALIDATING_FILES).toList();
    }
}
