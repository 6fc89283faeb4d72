package dev.lorikeet.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.model.BitsAndBytesNames;
import dev.lorikeet.store.Claims;
import dev.lorikeet.store.DataFolder;
import dev.lorikeet.store.FileStore;
import dev.lorikeet.store.RandomId;
import dev.lorikeet.store.StoredFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/// All jobs: made, listed, cancelled, paused and resumed here, and every change of one is in its file before anybody sees it. Other processes
/// may have the same folder: each job is worked on by the one that has claimed it. Safe for use by many threads; the work itself is done by
/// [JobWorkers].
public final class Jobs {
    private static final Logger LOG = Logger.getLogger(Jobs.class);

    private static final List<String> START_FILES = List.of("adapter_config.json", "adapter_model.safetensors");

    private final JobStore store;
    private final FileStore files;
    private final TrainingBackend backend;
    private final HubAccess hub;
    private final HubRows hubRows;
    private final InstantSource clock;
    private final JobTable table;
    /// Those on which this process works.
    private final Map<String, Claims.Claim> claims = new HashMap<>();
    private final Map<String, EventLog> logs = new LinkedHashMap<>();
    private final List<String> problems;

    /// Reads the jobs of earlier processes; those that were running in one that is gone wait in the queue again.
    public Jobs(Path root, FileStore files, TrainingBackend backend, HubAccess hub, InstantSource clock) {
        this(new DataFolder(root, Instant.MAX), files, backend, hub, clock);
    }

    /// As before, where other processes may be at work. @param folder of the jobs alone
    public Jobs(DataFolder folder, FileStore files, TrainingBackend backend, HubAccess hub, InstantSource clock) {
        this.store = new JobStore(folder.root(), folder.abandoned());
        this.hub = hub;
        this.hubRows = new HubRows(files, hub);
        this.files = files;
        this.backend = backend;
        this.clock = clock;
        var found = store.open();
        this.problems = List.copyOf(found.problems());
        this.table = new JobTable(store, found.jobs());
        queueAbandoned();
        backend.onModelChange(_ -> wake());
    }

    /// Queues the jobs again whose process has ended in the middle.
    synchronized void queueAbandoned() {
        for (var job : table.all()) {
            if (job.status() == JobStatus.RUNNING && claim(job.id())) {
                boolean queued = advance(job.id(), JobStatus.RUNNING, JobStatus.QUEUED, JobEvent.Level.WARN,
                        "The server that ran it has ended; the job goes on from its newest checkpoint");
                if (queued) {
                    LOG.infof("job %s: the server that ran it has ended; it is queued again", job.id());
                }
                release(job.id());
            }
        }
    }

    /// @return whether this process has it now, and had not before
    private boolean claim(String id) {
        if (claims.containsKey(id)) {
            return false;
        }
        store.claim(id).ifPresent(claim -> claims.put(id, claim));
        return claims.containsKey(id);
    }

    /// Whether this process still is the one that works on a job.
    synchronized boolean holds(String id) {
        return Optional.ofNullable(claims.get(id)).filter(Claims.Claim::isHeld).isPresent();
    }

    /// Lets another process work on a job.
    synchronized void release(String id) {
        try {
            Optional<Claims.Claim> claim = Optional.ofNullable(claims.remove(id));
            if (claim.isPresent()) {
                claim.get().close();
                notifyAll();
            }
        } catch (IOException e) {
            LOG.errorf("job %s: its claim could not be given up: %s", id, e.getMessage());
        }
    }

    /// Tells other processes that this one is at work.
    void beat() {
        List<Map.Entry<String, Claims.Claim>> held;
        synchronized (this) {
            held = List.copyOf(claims.entrySet());
        }
        held.forEach(entry -> {
            try {
                entry.getValue().beat();
            } catch (IOException e) {
                LOG.warnf("job %s: other servers could not be told that it is worked on: %s", entry.getKey(), e.getMessage());
            }
        });
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
        backend.bring(draft.spec());
        FineTuningJob job;
        synchronized (this) {
            job = FineTuningJob.created(RandomId.of(FineTuningJob.PREFIX), table.lastNumber() + 1, now(), draft.spec());
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
            table.put(job);
        }
        tell(job.id(), JobEvent.Level.INFO, "Created fine-tuning job: " + job.id());
        tell(job.id(), JobEvent.Level.INFO, "Validating training file: " + job.spec().trainingFile().id());
        wake();
        return get(job.id());
    }

    /// The base that a job like this would have loaded, since it is not there.
    public Optional<String> baseToBring(JobRequest request) {
        var options = backend.options(request.method(), request.hyperparameters(), seed(request), request.options()).options();
        String base = backend.target(request.model(), options).base();
        boolean isThere = switch (backend.state(base)) {
            case TrainingBackend.BaseState.Resident _, TrainingBackend.BaseState.Coming _ -> true;
            case TrainingBackend.BaseState.Away _, TrainingBackend.BaseState.Failed _ -> false;
        };
        return isThere || BitsAndBytesNames.read(options).isEmpty() ? Optional.empty() : Optional.of(base);
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
        int seed = seed(request);
        var options = backend.options(request.method(), request.hyperparameters(), seed, request.options());
        var target = backend.target(request.model(), options.options());
        var rows = new LinkedHashMap<JobSpec.Data, StoredFile>();
        var training = data("training", request.trainingFile(), request, rows);
        var validation = request.validationFile().map(id -> data("validation", id, request, rows));
        return new Draft(target, new JobSpec(request.model(), target.base(), target.adapter().map(_ -> request.model()), training, validation, request.suffix(),
                seed, request.metadata(), request.method(), options.hyperparameters(), options.options(), request.owner()), rows);
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
        return table.find(id).orElseThrow(() -> new JobException.NotFound(id));
    }

    /// All jobs, the newest first.
    public synchronized List<FineTuningJob> list() {
        return table.all().reversed();
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
        backend.bring(get(id).spec());
        return change(id, "resumed", status -> status == JobStatus.PAUSED, job -> job.with(JobStatus.QUEUED));
    }

    private FineTuningJob change(String id, String verb, Predicate<JobStatus> possible, UnaryOperator<FineTuningJob> change) {
        FineTuningJob changed;
        synchronized (this) {
            changed = table.locked(id, job -> {
                if (job.status().isFinal() || !possible.test(job.status())) {
                    throw new JobException.Invalid("", "The job " + id + " cannot be " + verb + ": its status is '" + job.status().word() + "'.");
                }
                // Whoever follows the events stops at the end of the job: the last one comes before it.
                tell(id, JobEvent.Level.INFO, "The job was " + verb);
                return table.replace(change.apply(job));
            });
        }
        wake();
        return changed;
    }

    /// The job that has made, or will make, an adapter, if the base that both need is not in memory.
    public Optional<FineTuningJob> makerWithoutBase(String model) {
        return maker(model).filter(job -> !backend.isResident(job.spec().base()));
    }

    private synchronized Optional<FineTuningJob> maker(String model) {
        return table.all().stream().filter(job -> job.makes(model)).findFirst();
    }

    /// Lets everyone use an adapter that a job has made, or its owner alone. Kept with the job, so that it holds after a restart.
    ///
    /// @return whether a job has made it
    public boolean publish(String model, boolean everyone) {
        var maker = maker(model);
        maker.ifPresent(job -> {
            var changed = update(job.id(), last -> last.withPublic(model, everyone));
            backend.assign(model, changed.ownerOf(model));
        });
        return maker.isPresent();
    }

    /// Replaces a job by what `change` makes of it.
    FineTuningJob update(String id, UnaryOperator<FineTuningJob> change) {
        synchronized (this) {
            var changed = table.locked(id, job -> table.replace(change.apply(job)));
            notifyAll();
            return changed;
        }
    }

    /// Keeps when the job will end, as it looks. It is not worth a write: the next state carries it along.
    void estimate(String id, long secondsLeft) {
        synchronized (this) {
            table.keep(id, job -> job.estimated(now() + secondsLeft));
        }
    }

    /// Puts a job from one status into the next, if it has the former still. The event comes first, so that those of the next status
    /// come after it. @return whether it had
    boolean advance(String id, JobStatus from, JobStatus to, String message) {
        return advance(id, from, to, JobEvent.Level.INFO, message);
    }

    private boolean advance(String id, JobStatus from, JobStatus to, JobEvent.Level level, String message) {
        boolean advanced;
        synchronized (this) {
            advanced = table.locked(id, job -> {
                if (job.status() != from) {
                    return false;
                }
                tell(id, level, message);
                table.replace(job.with(to));
                return true;
            });
        }
        wake();
        return advanced;
    }

    /// Ends a job with an error, unless it has ended already.
    void fail(String id, JobError error) {
        synchronized (this) {
            table.locked(id, job -> {
                if (job.status().isFinal()) {
                    return job;
                }
                tell(id, JobEvent.Level.ERROR, error.message());
                return table.replace(job.failed(now(), error));
            });
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

    /// Claims the oldest job with this status whose base is resident and on which nobody works; [#release] must follow.
    synchronized Optional<FineTuningJob> next(JobStatus status) {
        for (var job : table.all()) {
            if (job.status() == status && backend.isResident(job.spec().base()) && claim(job.id())) {
                // Another process may have had it until now.
                if (get(job.id()).status() == status) {
                    return table.find(job.id());
                }
                release(job.id());
            }
        }
        return Optional.empty();
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
