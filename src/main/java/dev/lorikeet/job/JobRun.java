package dev.lorikeet.job;

import dev.lorikeet.job.JobEvent.Kind;
import dev.lorikeet.job.JobEvent.Level;
import dev.lorikeet.store.FileStore;
import dev.lorikeet.store.RandomId;
import dev.lorikeet.training.Checkpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;

/// One job on the trainer thread, from the queue to its end: turns what the trainer tells into events and checkpoints, and its end into
/// the job's.
final class JobRun implements RunMonitor {
    private static final Logger LOG = Logger.getLogger(JobRun.class);
    private static final String RESULTS = "fine-tune-results";
    private static final String ADAPTER = "";

    private final Jobs jobs;
    private final FileStore files;
    private final TrainingBackend backend;
    private final String id;
    private final ProgressGauge gauge;
    private final java.util.function.BooleanSupplier stopping;
    private final Map<String, Double> latest = new TreeMap<>();
    private int total;

    /// @param stopping whether the server wants the trainer thread to end
    JobRun(Jobs jobs, FileStore files, TrainingBackend backend, FineTuningJob job, ProgressGauge gauge, java.util.function.BooleanSupplier stopping) {
        this.jobs = jobs;
        this.files = files;
        this.backend = backend;
        this.id = job.id();
        this.gauge = gauge;
        this.stopping = stopping;
    }

    /// Trains. Whatever happens, the server goes on, and the job says what it was.
    void run() {
        if (!jobs.advance(id, JobStatus.QUEUED, JobStatus.RUNNING, "Fine-tuning job started")) {
            return;
        }
        var job = jobs.get(id);
        try {
            switch (train(job)) {
                case TrainingOutcome.Completed completed -> complete(completed);
                case TrainingOutcome.Interrupted _ -> interrupted();
            }
        } catch (RunFailure e) {
            fail(new JobError(e.code(), e.getMessage(), Optional.empty()));
        } catch (BadRowsException e) {
            fail(new JobError("invalid_" + e.param(), e.getMessage(), Optional.of(e.param())));
        } catch (OutOfMemoryError e) {
            fail(new JobError("out_of_memory", "Memory is full: " + e.getMessage()
                    + ". Use a smaller batch, a smaller max_seq_length, or gradient_checkpointing.", Optional.empty()));
        } catch (IOException | UncheckedIOException e) {
            fail(new JobError("storage_error", "A file could not be written: " + (e instanceof UncheckedIOException wrapped ? wrapped.getCause() : e).getMessage()
                    + ". What was kept before, such as the newest checkpoint, is untouched.", Optional.empty()));
        } catch (RuntimeException e) {
            LOG.errorf(e, "job %s failed", id);
            fail(new JobError("server_error", String.valueOf(e.getMessage()), Optional.empty()));
        }
    }

    /// Who sees that the job is over sees an idle gauge.
    private TrainingOutcome train(FineTuningJob job) {
        try {
            return backend.train(job, jobs.folder(job), this);
        } finally {
            gauge.idle();
        }
    }

    /// This process has stood still for so long that another does the job now.
    private boolean isTakenOver() {
        return !jobs.holds(id);
    }

    /// The server stops, or the model is on its way out: the job waits in the queue.
    private void interrupted() {
        if (isTakenOver()) {
            LOG.warnf("job %s: another server has taken it over", id);
            return;
        }
        jobs.advance(id, JobStatus.RUNNING, JobStatus.QUEUED, "The job was interrupted after a checkpoint and is queued");
    }

    private void complete(TrainingOutcome.Completed completed) throws IOException {
        var job = jobs.get(id);
        if (job.status() == JobStatus.CANCELLED || isTakenOver()) {
            return;
        }
        backend.publish(job, jobs.folder(job), job.modelName(), ADAPTER);
        jobs.tell(id, Level.INFO, "New fine-tuned model created: " + job.modelName());
        push(job);
        var log = jobs.log(id);
        var results = new ArrayList<String>();
        results.add(files.add("step_metrics.csv", RESULTS, StepMetrics.csv(log.read(0, log.size())), job.spec().owner()).id());
        Optional<String> samples = samples(job);
        if (samples.isPresent()) {
            results.add(files.add("samples.jsonl", RESULTS, samples.get(), job.spec().owner()).id());
        }
        jobs.tell(id, Level.INFO, "The job has successfully completed");
        // A pause that came too late has nothing left to hold up.
        jobs.update(id, last -> last.status() == JobStatus.CANCELLED ? last : last.succeeded(jobs.now(), completed.trainedTokens(), results));
        jobs.wake();
        LOG.infof("job %s has made %s", id, job.modelName());
    }

    private void fail(JobError error) {
        if (isTakenOver()) {
            LOG.warnf("job %s: another server has taken it over; here it failed: %s", id, error.message());
            return;
        }
        jobs.fail(id, error);
        LOG.warnf("job %s failed: %s", id, error.message());
    }

    /// The adapter is made, and stays, whatever the hub says.
    private void push(FineTuningJob job) {
        var target = RunOptions.of(job.spec()).push();
        if (target.isEmpty()) {
            return;
        }
        try {
            String page = new JobPush(jobs.hub()).push(jobs.folder(job), target.get(), job.spec().checkpoint());
            jobs.tell(id, Level.INFO, "The adapter is on the hub: " + page);
        } catch (HubAccess.Refusal | IOException e) {
            // Where the server keeps its files is nobody's business.
            String why = e.getMessage().replace(jobs.folder(job).path().toString(), job.id());
            warning("The adapter could not be pushed to " + target.get().repo() + ": " + why + ". It is kept here; `./lorikeet push` sends it later.");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// They are worth less than the adapter, which is not lost if they fail.
    private Optional<String> samples(FineTuningJob job) {
        try {
            return backend.samples(job, jobs.folder(job));
        } catch (RuntimeException e) {
            warning("The answers of base and adapter could not be compared: " + e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public Wish wish() {
        if (isTakenOver()) {
            return Wish.CANCEL;
        }
        return switch (jobs.get(id).status()) {
            case CANCELLED, FAILED, SUCCEEDED -> Wish.CANCEL;
            case PAUSED, QUEUED, VALIDATING_FILES -> Wish.PAUSE;
            case RUNNING -> stopping.getAsBoolean() || !backend.isResident(jobs.get(id).spec().base()) ? Wish.PAUSE : Wish.GO_ON;
        };
    }

    @Override
    public void started(int totalSteps, int resumedFrom) {
        total = totalSteps;
        gauge.started(id, totalSteps, resumedFrom);
        if (resumedFrom > 0) {
            jobs.tell(id, Level.INFO, "Training goes on from the checkpoint of step " + resumedFrom + " of " + totalSteps);
            listUnlisted(resumedFrom);
        }
    }

    /// A process that is killed between writing a checkpoint and listing it leaves one that nobody could call.
    private void listUnlisted(int step) {
        var job = jobs.get(id);
        var folder = jobs.folder(job).output().resolve(Checkpoints.name(step));
        if (Files.isDirectory(folder) && job.checkpoints().stream().noneMatch(known -> known.step() == step)) {
            var log = jobs.log(id);
            latest.putAll(StepMetrics.of(step, log.read(0, log.size())));
            checkpoint(step, folder);
        }
    }

    @Override
    public void step(Step step) {
        latest.clear();
        latest.put("train_loss", step.loss());
        latest.putAll(step.metrics());
        gauge.step(step);
        var data = JobJson.object().put("step", step.number()).put("total_steps", step.total()).put("epoch", step.epoch()).put("train_loss", step.loss());
        step.metrics().forEach(data::put);
        data.put("learning_rate", step.learningRate()).put("grad_norm", step.gradientNorm()).put("tokens_per_second", step.tokensPerSecond())
                .put("eta_seconds", step.secondsLeft());
        jobs.tell(id, Level.INFO, Kind.METRICS, format("Step %d/%d: training loss=%.4f", step.number(), step.total(), step.loss()), data);
        jobs.estimate(id, Math.round(step.secondsLeft()));
        LOG.info(format("job %s: step %d/%d, loss %.4f, rate %.3g, gradient %.3f, %.0f tokens/s, %s left", id, step.number(), step.total(), step.loss(),
                step.learningRate(), step.gradientNorm(), step.tokensPerSecond(), duration(step.secondsLeft())));
    }

    @Override
    public void evaluated(Evaluation evaluation) {
        latest.putAll(evaluation.metrics());
        var data = JobJson.object().put("step", evaluation.step()).put("total_steps", total);
        new TreeMap<>(evaluation.metrics()).forEach(data::put);
        double loss = evaluation.metrics().getOrDefault("valid_loss", Double.NaN);
        jobs.tell(id, Level.INFO, Kind.METRICS, format("Step %d/%d: validation loss=%.4f", evaluation.step(), total, loss), data);
        LOG.info(format("job %s: step %d/%d, validation loss %.4f", id, evaluation.step(), total, loss));
    }

    @Override
    public void checkpoint(int step, Path folder) {
        if (isTakenOver()) {
            return;
        }
        var job = jobs.get(id);
        var checkpoint = new JobCheckpoint(RandomId.of("ftckpt_"), jobs.now(), step, job.checkpointName(step), folder.getFileName().toString(), latest);
        backend.publish(job, jobs.folder(job), checkpoint.model(), checkpoint.folder());
        jobs.update(id, last -> last.with(checkpoint));
        jobs.tell(id, Level.INFO, "Checkpoint created at step " + step + " with name: " + checkpoint.model());
        withdrawDeleted();
        answer(job, checkpoint);
    }

    /// Training is worth more than these: it goes on if they fail.
    private void answer(FineTuningJob job, JobCheckpoint checkpoint) {
        try {
            var answers = backend.answers(job, checkpoint.model());
            if (!answers.isEmpty()) {
                var data = JobJson.object().put("step", checkpoint.step());
                answers.forEach(sample -> data.withArray("samples").addObject().put("prompt", sample.prompt()).put("base", sample.base()).put("adapter", sample.adapter()));
                jobs.tell(id, Level.INFO, Kind.MESSAGE, "Base and checkpoint have answered the sample prompts at step " + checkpoint.step(), data);
            }
        } catch (RuntimeException e) {
            warning("The sample prompts could not be answered at step " + checkpoint.step() + ": " + e.getMessage());
        }
    }

    /// `save_total_limit` has the trainer delete old checkpoints.
    private void withdrawDeleted() {
        var job = jobs.get(id);
        List<JobCheckpoint> kept = job.checkpoints().stream().filter(old -> isThere(job, old)).toList();
        job.checkpoints().stream().filter(old -> !kept.contains(old)).forEach(old -> backend.withdraw(old.model()));
        if (kept.size() < job.checkpoints().size()) {
            jobs.update(id, last -> last.withCheckpoints(kept));
        }
    }

    private boolean isThere(FineTuningJob job, JobCheckpoint checkpoint) {
        return Files.isDirectory(jobs.folder(job).output().resolve(checkpoint.folder()));
    }

    @Override
    public void warning(String message) {
        jobs.tell(id, Level.WARN, message);
        LOG.warnf("job %s: %s", id, message);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    static String duration(double seconds) {
        long whole = Math.max(0, Math.round(seconds));
        return whole < 3600 ? format("%d:%02d", whole / 60, whole % 60) : format("%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
