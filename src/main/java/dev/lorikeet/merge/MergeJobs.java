package dev.lorikeet.merge;

import dev.lorikeet.merge.MergeJob.State;
import java.nio.file.Files;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;

/// Merges in the background, one after the other, on a thread of their own. Remembers the latest ones. Safe for use by many threads.
public final class MergeJobs implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(MergeJobs.class);
    private static final int REMEMBERED = 100;
    private static final int WAITING = 16;

    private final Map<String, MergeJob> jobs = new LinkedHashMap<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> Thread.ofPlatform().name("merge").daemon().unstarted(task));

    /// @throws MergeException when the folder is there or being made already, or too many wait
    public MergeJob start(MergeRequest request) {
        var job = new MergeJob("merge-" + UUID.randomUUID(), request, Instant.now(), new State.Queued());
        synchronized (this) {
            if (Files.exists(request.out()) || jobs.values().stream().anyMatch(other -> !other.isEnded() && other.request().out().equals(request.out()))) {
                throw new MergeException(request.out().getFileName() + ": exists already or is just being made; name another folder");
            }
            if (jobs.values().stream().filter(other -> !other.isEnded()).count() >= WAITING) {
                throw new MergeException(WAITING + " merges are waiting; try again when one of them has ended");
            }
            jobs.put(job.id(), job);
            jobs.values().stream().filter(MergeJob::isEnded).limit(Math.max(0, jobs.size() - REMEMBERED)).toList().forEach(old -> jobs.remove(old.id()));
        }
        thread.execute(() -> run(job));
        return job;
    }

    public synchronized List<MergeJob> list() {
        return List.copyOf(jobs.values());
    }

    public synchronized Optional<MergeJob> find(String id) {
        return Optional.ofNullable(jobs.get(id));
    }

    /// Ends it as soon as possible, if it has not ended; nothing of it is left then.
    public synchronized Optional<MergeJob> cancel(String id) {
        return Optional.ofNullable(jobs.computeIfPresent(id, (_, job) -> job.isEnded() ? job : job.in(new State.Cancelled())));
    }

    private void run(MergeJob job) {
        try {
            advance(job, new State.Running(MergeProgress.Stage.WRITING, 0));
            var report = AdapterMerge.run(job.request(), (stage, fraction) -> advance(job, new State.Running(stage, fraction)));
            LOG.infof("merged %s into %s: %,d bytes", job.request().adapter(), report.out(), report.bytes());
            end(job, new State.Succeeded(report));
        } catch (CancellationException _) {
            LOG.infof("merge into %s was cancelled", job.request().out());
        } catch (MergeException e) {
            LOG.warnf("merge into %s failed: %s", job.request().out(), e.getMessage());
            end(job, new State.Failed(e.getMessage()));
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.errorf(e, "merge into %s failed", job.request().out());
            end(job, new State.Failed("the merge broke off; see the server's log"));
        }
    }

    private synchronized void advance(MergeJob job, State state) {
        if (jobs.get(job.id()).isEnded()) {
            throw new CancellationException();
        }
        jobs.put(job.id(), job.in(state));
    }

    /// A merge that has got its name is done, even if somebody cancelled it at the last moment.
    private synchronized void end(MergeJob job, State state) {
        jobs.put(job.id(), job.in(state));
    }

    /// Cancels all, and waits until nothing of them is left.
    @Override
    public void close() {
        list().forEach(job -> cancel(job.id()));
        thread.close();
    }
}
