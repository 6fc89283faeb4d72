package dev.lorikeet.job;

import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.job.JobEvent.Level;
import dev.lorikeet.store.FileStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// The threads that do the jobs' work: `trainer` trains one job after the other, `job-check` reads the rows of new ones meanwhile, and
/// `job-watch` follows what other processes do with the jobs of the same folder.
public final class JobWorkers implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(JobWorkers.class);

    /// How often to look at what other processes have done.
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration BEAT = Duration.ofSeconds(5);

    private final Jobs jobs;
    private final FileStore files;
    private final TrainingBackend backend;
    private final JobPublisher publisher;
    private final ProgressGauge gauge = new ProgressGauge();
    private final List<Thread> threads;
    private final Thread watcher = Thread.ofPlatform().name("job-watch").unstarted(this::watch);
    private volatile boolean stopping;

    public JobWorkers(Jobs jobs, FileStore files, TrainingBackend backend) {
        this.jobs = jobs;
        this.files = files;
        this.backend = backend;
        this.publisher = new JobPublisher(jobs, backend);
        this.threads = List.of(thread("trainer", JobStatus.QUEUED, this::train), thread("job-check", JobStatus.VALIDATING_FILES, this::check));
    }

    private Thread thread(String name, JobStatus status, Consumer<FineTuningJob> work) {
        return Thread.ofPlatform().name(name).unstarted(() -> work(status, work));
    }

    /// Reports what could not be read of an earlier process, and goes on with the rest.
    public void start() {
        files.problems().forEach(LOG::warn);
        jobs.problems().forEach(LOG::warn);
        jobs.list().stream().filter(job -> !job.status().isFinal() && job.status() != JobStatus.PAUSED).forEach(this::bring);
        backend.onModelChange(new BaseArrivals(jobs, backend)::changed);
        backend.onModelChange(publisher::forget);
        threads.forEach(Thread::start);
        watcher.start();
    }

    /// The base that a job of an earlier process has asked for.
    private void bring(FineTuningJob job) {
        try {
            backend.bring(job.spec());
        } catch (CatalogException e) {
            jobs.tell(job.id(), Level.WARN, "The job waits for its base: " + e.getMessage());
        }
    }

    private void watch() {
        long lastBeat = System.nanoTime();
        while (!Thread.currentThread().isInterrupted()) {
            try {
                if (System.nanoTime() - lastBeat > BEAT.toNanos()) {
                    lastBeat = System.nanoTime();
                    jobs.beat();
                }
                jobs.queueAbandoned();
                publisher.look();
                synchronized (jobs) {
                    jobs.wait(LOOK.toMillis());
                }
            } catch (InterruptedException _) {
                return;
            } catch (RuntimeException e) {
                LOG.error("a bug in following the jobs of other servers; the next look goes on", e);
            }
        }
    }

    /// Whether what was trained on a base, here or elsewhere, can be called now that the base is there.
    public boolean hasPublished(String base) {
        return !publisher.isBehind(base);
    }

    /// How far the running job is.
    public ProgressGauge gauge() {
        return gauge;
    }

    private void work(JobStatus status, Consumer<FineTuningJob> work) {
        for (var job = await(status); job.isPresent(); job = await(status)) {
            try {
                work.accept(job.get());
            } finally {
                jobs.release(job.get().id());
            }
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
                    // Other processes wake nobody here.
                    jobs.wait(LOOK.toMillis());
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

    /// Has the running job write a checkpoint, after which it waits in the queue of the next process, and ends the threads.
    @Override
    public void close() {
        stopping = true;
        jobs.wake();
        threads.forEach(JobWorkers::join);
        // It says that this process is at work, until it is not.
        watcher.interrupt();
        join(watcher);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
