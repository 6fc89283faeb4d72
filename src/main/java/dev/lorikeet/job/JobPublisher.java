package dev.lorikeet.job;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/// Makes callable here what was trained by any process: once its base is resident, and soon after it is made. Looks are made by one thread.
final class JobPublisher {
    private static final Logger LOG = Logger.getLogger(JobPublisher.class);
    /// Files may show on another machine a moment after the job that names them.
    private static final int PATIENCE = 30;

    private final Jobs jobs;
    private final TrainingBackend backend;
    private final Map<String, Published> published = new HashMap<>();
    private final Map<String, Integer> failures = new HashMap<>();
    /// Bases on which all that had been trained has been published.
    private final Set<String> complete = ConcurrentHashMap.newKeySet();

    /// What was callable of a job. @param base of the job @param names each with its folder @param everyones which of them are for everyone
    private record Published(String base, Map<String, String> names, List<String> everyones) {}

    JobPublisher(Jobs jobs, TrainingBackend backend) {
        this.jobs = jobs;
        this.backend = backend;
    }

    /// Publishes again what was trained on a base, once it is there again. Any thread.
    void forget(String base) {
        synchronized (published) {
            published.values().removeIf(known -> known.base().equals(base));
        }
        complete.remove(base);
    }

    /// Whether something that was trained on a base has not been looked at since the base is there. What cannot be published does not count. Any thread.
    boolean isBehind(String base) {
        return !complete.contains(base) && jobs.list().stream().anyMatch(job -> job.spec().base().equals(base) && !names(job).isEmpty());
    }

    /// Publishes what is new and takes back what is gone.
    void look() {
        var resident = jobs.list().stream().map(job -> job.spec().base()).distinct().filter(backend::isResident).toList();
        for (var job : jobs.list().reversed()) {
            var names = names(job);
            Published before;
            synchronized (published) {
                before = published.getOrDefault(job.id(), new Published(job.spec().base(), Map.of(), job.publicModels()));
            }
            boolean same = before.names().equals(names) && before.everyones().equals(job.publicModels());
            if (!same && backend.isResident(job.spec().base())) {
                before.names().keySet().forEach(name -> backend.assign(name, job.ownerOf(name)));
                take(job, before.names().keySet(), names);
            }
        }
        complete.addAll(resident);
    }

    private static Map<String, String> names(FineTuningJob job) {
        var names = new LinkedHashMap<String, String>();
        job.checkpoints().forEach(checkpoint -> names.put(checkpoint.model(), checkpoint.folder()));
        job.fineTunedModel().ifPresent(name -> names.put(name, ""));
        return names;
    }

    private void take(FineTuningJob job, Set<String> before, Map<String, String> names) {
        var done = new LinkedHashMap<String, String>();
        names.forEach((name, folder) -> {
            if (before.contains(name) || publish(job, name, folder)) {
                done.put(name, folder);
            }
        });
        var gone = new HashSet<>(before);
        gone.removeAll(names.keySet());
        // Whoever runs on one still may take long.
        gone.forEach(name -> Thread.ofVirtual().name("job-publisher").start(() -> backend.withdraw(name)));
        synchronized (published) {
            published.put(job.id(), new Published(job.spec().base(), Map.copyOf(done), job.publicModels()));
        }
    }

    /// @return whether there is nothing more to be done about it
    private boolean publish(FineTuningJob job, String name, String folder) {
        try {
            backend.publish(job, jobs.folder(job), name, folder);
            failures.remove(name);
            return true;
        } catch (RuntimeException e) {
            int times = failures.merge(name, 1, Integer::sum);
            if (times == 1) {
                LOG.warnf("job %s: %s cannot be called: %s", job.id(), name, e.getMessage());
            }
            return times >= PATIENCE;
        }
    }
}
