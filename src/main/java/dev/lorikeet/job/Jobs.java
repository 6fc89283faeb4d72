package dev.lorikeet.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.FileStore;
import dev.lorikeet.store.RandomId;
import dev.lorikeet.store.StoredFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/// All jobs: made, listed, cancelled, paused and resumed here, and every change of one is in its file before anybody sees it. Safe for use
/// by many threads; the work itself is done by [JobWorkers].
public final class Jobs {
    private static final Logger LOG = Logger.getLogger(Jobs.class);

    private static final List<String> START_FILES = List.of("adapter_config.json", "adapter_model.safetensors");

    private final JobStore store;
    private final FileStore files;
    private final TrainingBackend backend;
    private final HubAccess hub;
    private final HubRows hubRows;
    private final InstantSource clock;
    private final Map<String, FineTuningJob> jobs = new LinkedHashMap<>();
    private final Map<String, EventLog> logs = new LinkedHashMap<>();
    private final List<String> problems;
    private long lastNumber;

    /// Reads the jobs of an earlier process; those that were running wait in the queue again.
    public Jobs(Path root, FileStore files, TrainingBackend backend, HubAccess hub, InstantSource clock) {
        this.store = new JobStore(root);
        this.hub = hub;
        this.hubRows = new HubRows(files, hub);
        this.files = files;
        this.backend = backend;
        this.clock = clock;
        var found = store.open();
        this.problems = List.copyOf(found.problems());
        found.jobs().forEach(job -> {
            jobs.put(job.id(), job);
            lastNumber = Math.max(lastNumber, job.number());
        });
        found.jobs().stream().filter(job -> job.status() == JobStatus.RUNNING).forEach(this::queueAgain);
        backend.onModelChange(_ -> wake());
    }

    private void queueAgain(FineTuningJob job) {
        update(job.id(), running -> running.with(JobStatus.QUEUED));
        tell(job.id(), JobEvent.Level.WARN, "The server was restarted; the job goes on from its newest checkpoint");
    }

    /// What was wrong with the files of jobs at the start, a sentence each.
    public List<String> problems() {
        return problems;
    }

    /// Makes a job, which is then validated and queued in the background.
    ///
    /// @throws JobException a file does not exist, or an option cannot be had
    /// @throws dev.lorikeet.catalog.CatalogException the model is not there
    public FineTuningJob create(JobRequest request) {
        var draft = draft(request);
        FineTuningJob job;
        synchronized (this) {
            job = FineTuningJob.created(RandomId.of(FineTuningJob.PREFIX), ++lastNumber, now(), draft.spec());
        }
        try {
            var copies = new ArrayList<JobStore.Copy>();
            draft.rows().forEach((data, file) -> copies.add(new JobStore.Copy(files.content(file), data.name())));
            draft.target().adapter().ifPresent(adapter -> START_FILES.forEach(name -> copies.add(new JobStore.Copy(adapter.resolve(name), "start/" + name))));
            store.create(job, copies);
        } catch (IOException e) {
            throw new UncheckedIOException("the job could not be written to disk: " + e.getMessage(), e);
        }
        synchronized (this) {
            jobs.put(job.id(), job);
        }
        tell(job.id(), JobEvent.Level.INFO, "Created fine-tuning job: " + job.id());
        tell(job.id(), JobEvent.Level.INFO, "Validating training file: " + job.spec().trainingFile().id());
        wake();
        return get(job.id());
    }

    /// Reads the rows of a job that is not made.
    ///
    /// @throws BadRowsException they cannot be read at all
    public ObjectNode dryRun(JobRequest request) {
        var draft = draft(request);
        return backend.check(draft.spec(), data -> files.content(draft.rows().get(data)), true).report();
    }

    /// A job before it has an id. @param rows the files that its specification names
    private record Draft(TrainingBackend.Target target, JobSpec spec, Map<JobSpec.Data, StoredFile> rows) {}

    /// Looks at everything that is cheap to look at before rows are brought from the hub.
    private Draft draft(JobRequest request) {
        var target = backend.target(request.model());
        int seed = seed(request);
        var options = backend.options(request.hyperparameters(), seed, request.options());
        var rows = new LinkedHashMap<JobSpec.Data, StoredFile>();
        var training = data("training", request.trainingFile(), request, rows);
        var validation = request.validationFile().map(id -> data("validation", id, request, rows));
        return new Draft(target, new JobSpec(request.model(), target.base(), target.adapter().map(_ -> request.model()), training, validation, request.suffix(),
                seed, request.metadata(), options.hyperparameters(), options.options(), request.owner()), rows);
    }

    private JobSpec.Data data(String name, String id, JobRequest request, Map<JobSpec.Data, StoredFile> rows) {
        var file = file(name + "_file", id, request);
        var data = new JobSpec.Data(file.id(), file.filename(), file.sha256(), name + "." + file.extension());
        rows.put(data, file);
        return data;
    }

    private StoredFile file(String param, String id, JobRequest request) {
        if (HubRows.isMeant(id)) {
            return hubRows.bring(param, id, request);
        }
        var file = files.find(id).orElseThrow(() -> new JobException.NoSuchFile(param, id));
        if (!file.purpose().equals("fine-tune")) {
            throw new JobException.Invalid(param, "The file " + id + " has the purpose '" + file.purpose() + "'; it must be 'fine-tune'.");
        }
        return file;
    }

    private static int seed(JobRequest request) {
        return request.seed().orElseGet(() -> request.options().path("seed").isInt() ? request.options().get("seed").intValue()
                : new SecureRandom().nextInt(Integer.MAX_VALUE));
    }

    /// @throws JobException.NotFound
    public synchronized FineTuningJob get(String id) {
        var job = jobs.get(id);
        if (job == null) {
            throw new JobException.NotFound(id);
        }
        return job;
    }

    /// All jobs, the newest first.
    public synchronized List<FineTuningJob> list() {
        return new ArrayList<>(jobs.values()).reversed();
    }

    HubAccess hub() {
        return hub;
    }

    public JobFolder folder(FineTuningJob job) {
        return store.folder(job.id());
    }

    /// Ends a job for good; what it has kept so far stays.
    public FineTuningJob cancel(String id) {
        return change(id, "cancelled", _ -> true, job -> job.cancelled(now()));
    }

    /// Stops a job until it is resumed. A job that runs writes a checkpoint first.
    public FineTuningJob pause(String id) {
        return change(id, "paused", status -> status == JobStatus.RUNNING || status == JobStatus.QUEUED, job -> job.with(JobStatus.PAUSED));
    }

    /// Queues a paused job again.
    public FineTuningJob resume(String id) {
        return change(id, "resumed", status -> status == JobStatus.PAUSED, job -> job.with(JobStatus.QUEUED));
    }

    private FineTuningJob change(String id, String verb, Predicate<JobStatus> possible, UnaryOperator<FineTuningJob> change) {
        FineTuningJob changed;
        synchronized (this) {
            var job = get(id);
            if (job.status().isFinal() || !possible.test(job.status())) {
                throw new JobException.Invalid("", "The job " + id + " cannot be " + verb + ": its status is '" + job.status().word() + "'.");
            }
            // Whoever follows the events stops at the end of the job: the last one comes before it.
            tell(id, JobEvent.Level.INFO, "The job was " + verb);
            changed = update(id, change);
        }
        wake();
        return changed;
    }

    /// Lets everyone use an adapter that a job has made, or its owner alone. Kept with the job, so that it holds after a restart.
    ///
    /// @return whether a job has made it
    public boolean publish(String model, boolean everyone) {
        Optional<FineTuningJob> maker;
        synchronized (this) {
            maker = jobs.values().stream().filter(job -> job.makes(model)).findFirst();
        }
        maker.ifPresent(job -> {
            var changed = update(job.id(), last -> {
                var models = new ArrayList<>(last.publicModels());
                models.remove(model);
                if (everyone) {
                    models.add(model);
                }
                return last.withPublic(models);
            });
            backend.assign(model, changed.ownerOf(model));
        });
        return maker.isPresent();
    }

    /// Replaces a job by what `change` makes of it, in its file first. A failing disk does not hold up the change, only its durability.
    FineTuningJob update(String id, UnaryOperator<FineTuningJob> change) {
        synchronized (this) {
            var changed = change.apply(get(id));
            try {
                store.folder(id).write(changed);
            } catch (IOException e) {
                LOG.errorf("job %s: its state could not be written to disk: %s", id, e.getMessage());
            }
            jobs.put(id, changed);
            notifyAll();
            return changed;
        }
    }

    /// Keeps when the job will end, as it looks. It is not worth a write: the next state carries it along.
    void estimate(String id, long secondsLeft) {
        synchronized (this) {
            jobs.computeIfPresent(id, (_, job) -> job.estimated(now() + secondsLeft));
        }
    }

    /// Puts a job from one status into the next, if it has the former still. The event comes first, so that those of the next status
    /// come after it. @return whether it had
    boolean advance(String id, JobStatus from, JobStatus to, String message) {
        synchronized (this) {
            if (get(id).status() != from) {
                return false;
            }
            tell(id, JobEvent.Level.INFO, message);
            update(id, job -> job.with(to));
        }
        wake();
        return true;
    }

    /// Ends a job with an error, unless it has ended already.
    void fail(String id, JobError error) {
        synchronized (this) {
            if (!get(id).status().isFinal()) {
                tell(id, JobEvent.Level.ERROR, error.message());
                update(id, job -> job.failed(now(), error));
            }
        }
        wake();
    }

    /// The events of a job, and a way to wait for more.
    EventLog log(String id) {
        get(id);
        synchronized (logs) {
            return logs.computeIfAbsent(id, _ -> {
                var log = new EventLog(store.folder(id).eventFile(), id);
                if (log.unreadable() > 0) {
                    LOG.warnf("job %s: %d lines of its events cannot be read and are left out", id, log.unreadable());
                }
                return log;
            });
        }
    }

    /// A view of the events of a job.
    public JobEvents events(String id) {
        return new JobEvents(log(id), () -> get(id).status().isFinal());
    }

    void tell(String id, JobEvent.Level level, String message) {
        tell(id, level, JobEvent.Kind.MESSAGE, message, JobJson.object());
    }

    /// Adds an event. One that cannot be written is in the server's log at least.
    void tell(String id, JobEvent.Level level, JobEvent.Kind kind, String message, ObjectNode data) {
        try {
            log(id).append(now(), level, kind, message, data);
        } catch (IOException e) {
            LOG.errorf("job %s: an event could not be written to disk (%s): %s", id, e.getMessage(), message);
        }
    }

    /// The oldest job with this status whose base is resident.
    synchronized Optional<FineTuningJob> next(JobStatus status) {
        return jobs.values().stream().filter(job -> job.status() == status && backend.isResident(job.spec().base())).findFirst();
    }

    /// Lets those who wait for a change look again.
    void wake() {
        synchronized (this) {
            notifyAll();
        }
        synchronized (logs) {
            logs.values().forEach(EventLog::wake);
        }
    }

    long now() {
        return clock.instant().getEpochSecond();
    }
}
