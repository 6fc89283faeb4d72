package dev.lorikeet.job;

import dev.lorikeet.job.JobEvent.Level;
import dev.lorikeet.store.FileStore;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// The two threads that do the jobs' work: `trainer` trains one job after the other, `job-check` reads the rows of new ones meanwhile.
public final class JobWorkers implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(JobWorkers.class);

    private final Jobs jobs;
    private final FileStore files;
    private final TrainingBackend backend;
    private final ProgressGauge gauge = new ProgressGauge();
    private final List<Thread> threads;
    private volatile boolean stopping;

    public JobWorkers(Jobs jobs, FileStore files, TrainingBackend backend) {
        this.jobs = jobs;
        this.files = files;
        this.backend = backend;
        this.threads = List.of(thread("trainer", JobStatus.QUEUED, this::train), thread("job-check", JobStatus.VALIDATING_FILES, this::check));
    }

    private Thread thread(String name, JobStatus status, Consumer<FineTuningJob> work) {
        return Thread.ofPlatform().name(name).unstarted(() -> work(status, work));
    }

    /// Reports what could not be read of an earlier process, and goes on with the rest.
    public void start() {
        files.problems().forEach(LOG::warn);
        jobs.problems().forEach(LOG::warn);
        backend.onModelChange(base -> {
            if (backend.isResident(base)) {
                Thread.ofVirtual().name("job-publisher").start(() -> publish(base));
            }
        });
        threads.forEach(Thread::start);
    }

    /// Makes everything that was trained on a base callable again, once it is there.
    private void publish(String base) {
        for (var job : jobs.list().reversed()) {
            if (job.spec().base().equals(base)) {
                job.checkpoints().forEach(checkpoint -> publish(job, checkpoint.model(), checkpoint.folder()));
                job.fineTunedModel().ifPresent(name -> publish(job, name, ""));
            }
        }
    }

    private void publish(FineTuningJob job, String name, String folder) {
        try {
            backend.publish(job, jobs.folder(job), name, folder);
        } catch (RuntimeException e) {
            LOG.warnf("job %s: %s cannot be called: %s", job.id(), name, e.getMessage());
        }
    }

    /// How far the running job is.
    public ProgressGauge gauge() {
        return gauge;
    }

    private void work(JobStatus status, Consumer<FineTuningJob> work) {
        for (var job = await(status); job.isPresent(); job = await(status)) {
            work.accept(job.get());
        }
    }

    /// Waits for a job with this status; empty when the server stops.
    private Optional<FineTuningJob> await(JobStatus status) {
        synchronized (jobs) {
            try {
                for (var job = jobs.next(status); !stopping; job = jobs.next(status)) {
                    if (job.isPresent()) {
                        return job;
                    }
                    jobs.wait();
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
            return Optional.empty();
        }
    }

    private void train(FineTuningJob job) {
        new JobRun(jobs, files, backend, job, gauge, () -> stopping).run();
    }

    private void check(FineTuningJob job) {
        String id = job.id();
        try {
            var folder = jobs.folder(job);
            backend.check(job.spec(), folder::data, false).warnings().forEach(warning -> jobs.tell(id, Level.WARN, warning));
            jobs.advance(id, JobStatus.VALIDATING_FILES, JobStatus.QUEUED, "Files validated, moving job to queued state");
        } catch (BadRowsException e) {
            refuse(id, new JobError("invalid_" + e.param(), e.getMessage(), Optional.of(e.param())));
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.errorf(e, "job %s: its files could not be validated", id);
            refuse(id, new JobError("server_error", String.valueOf(e.getMessage()), Optional.empty()));
        }
    }

    private void refuse(String id, JobError error) {
        jobs.fail(id, error);
    }

    /// Has the running job write a checkpoint, after which it waits in the queue of the next process, and ends both threads.
    @Override
    public void close() {
        stopping = true;
        jobs.wake();
        for (var thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
