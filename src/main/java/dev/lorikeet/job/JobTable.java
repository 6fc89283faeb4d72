package dev.lorikeet.job;

import dev.lorikeet.job.JobStore.Stamp;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.LockFile;
import java.io.IOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/// The jobs of a data folder as this process knows them. Other processes change them as well: what is asked for is looked up in the job's file,
/// and every change is made on what stands there, under the job's lock. Guarded by the lock of [Jobs].
final class JobTable {
    private static final Logger LOG = Logger.getLogger(JobTable.class);
    /// Two processes may give the same number.
    private static final Comparator<FineTuningJob> OLDEST_FIRST = Comparator.comparingLong(FineTuningJob::number).thenComparingLong(FineTuningJob::createdAt)
            .thenComparing(FineTuningJob::id);

    private final JobStore store;
    private final Map<String, Known> jobs = new HashMap<>();

    /// @param stamp of the file from which the job comes, or into which it could not be written
    private record Known(FineTuningJob job, Stamp stamp) {}

    JobTable(JobStore store, List<FineTuningJob> found) {
        this.store = store;
        found.forEach(this::put);
    }

    /// A job that its file already has.
    void put(FineTuningJob job) {
        jobs.put(job.id(), new Known(job, store.stamp(job.id())));
    }

    /// The oldest first.
    List<FineTuningJob> all() {
        store.ids().forEach(this::look);
        return jobs.values().stream().map(Known::job).sorted(OLDEST_FIRST).toList();
    }

    Optional<FineTuningJob> find(String id) {
        look(id);
        return Optional.ofNullable(jobs.get(id)).map(Known::job);
    }

    long lastNumber() {
        return all().stream().mapToLong(FineTuningJob::number).max().orElse(0);
    }

    private void look(String id) {
        var known = jobs.get(id);
        if (known != null && known.job().status().isFinal()) {
            return;
        }
        var stamp = store.stamp(id);
        if (stamp.equals(Stamp.NONE) || known != null && known.stamp().equals(stamp)) {
            return;
        }
        try {
            jobs.put(id, new Known(store.folder(id).read(), stamp));
        } catch (BadFileException e) {
            LOG.warnf("job %s: what another server has written of it is left out: %s", id, e.getMessage());
        }
    }

    /// What is done with a job under its lock. @param <T> what comes of it
    interface Work<T> {
        T with(FineTuningJob job);
    }

    /// Does something with a job as it stands, while no other process changes it. Where the lock cannot be had the work is done nevertheless.
    <T> T locked(String id, Work<T> work) {
        LockFile lock = null;
        try {
            lock = LockFile.exclusive(store.folder(id).lock());
        } catch (IOException e) {
            LOG.errorf("job %s: its lock cannot be had: %s", id, e.getMessage());
        }
        try {
            return work.with(find(id).orElseThrow(() -> new JobException.NotFound(id)));
        } finally {
            close(id, lock);
        }
    }

    private static void close(String id, LockFile lock) {
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            LOG.errorf("job %s: its lock cannot be given up: %s", id, e.getMessage());
        }
    }

    /// Replaces a job, in its file first; to be called under its lock. A failing disk does not hold up the change, only its durability.
    FineTuningJob replace(FineTuningJob job) {
        try {
            store.folder(job.id()).write(job);
        } catch (IOException e) {
            LOG.errorf("job %s: its state could not be written to disk: %s", job.id(), e.getMessage());
        }
        put(job);
        return job;
    }

    /// Changes what this process knows of a job, and nothing else.
    void keep(String id, UnaryOperator<FineTuningJob> change) {
        jobs.computeIfPresent(id, (_, known) -> new Known(change.apply(known.job()), known.stamp()));
    }
}
