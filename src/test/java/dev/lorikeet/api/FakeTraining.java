package dev.lorikeet.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.job.BadRowsException;
import dev.lorikeet.job.DataCheck;
import dev.lorikeet.job.FineTuningJob;
import dev.lorikeet.job.Hyperparameters;
import dev.lorikeet.job.JobFolder;
import dev.lorikeet.job.JobMethod;
import dev.lorikeet.job.JobSpec;
import dev.lorikeet.job.ResidentTraining;
import dev.lorikeet.job.RunMonitor;
import dev.lorikeet.job.TrainingBackend;
import dev.lorikeet.job.RunFailure;
import dev.lorikeet.job.TrainingOutcome;
import dev.lorikeet.registry.AdapterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/// A trainer of four steps that does a step whenever a test allows one, with a checkpoint at every second. Words in the rows make it fail.
@Alternative
@ApplicationScoped
public class FakeTraining implements TrainingBackend {
    static final int STEPS = 4;

    private final ResidentTraining real;
    private final Semaphore allowed = new Semaphore(0);
    private final Map<String, Optional<String>> assigned = new java.util.concurrent.ConcurrentHashMap<>();
    private final ConcurrentSkipListSet<String> published = new ConcurrentSkipListSet<>();

    FakeTraining(ModelCatalog catalog, AdapterRegistry registry, InferenceLoop loop) {
        this.real = new ResidentTraining(catalog, registry, loop);
    }

    void allow(int steps) {
        allowed.release(steps);
    }

    void reset() {
        allowed.drainPermits();
    }

    boolean isPublished(String name) {
        return published.contains(name);
    }

    @Override
    public Target target(String model, ObjectNode options) {
        return real.target(model, options);
    }

    @Override
    public BaseState state(String base) {
        return real.state(base);
    }

    @Override
    public void bring(JobSpec spec) {
        real.bring(spec);
    }

    @Override
    public void onModelChange(Consumer<String> listener) {
        real.onModelChange(listener);
    }

    @Override
    public Options options(JobMethod method, Hyperparameters asked, int seed, ObjectNode given) {
        return real.options(method, asked, seed, given);
    }

    @Override
    public DataCheck check(JobSpec spec, Function<JobSpec.Data, Path> rows, boolean lenient) {
        String text = read(rows.apply(spec.trainingFile()));
        if (text.contains("BAD") && !lenient) {
            throw new BadRowsException("training_file", "Line 2: BAD is no row");
        }
        return new DataCheck(JsonNodeFactory.instance.objectNode().put("rows", text.lines().count()), List.of("1 row only; 10 or more are advised"));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public TrainingOutcome train(FineTuningJob job, JobFolder folder, RunMonitor monitor) {
        String text = read(folder.data(job.spec().trainingFile()));
        int done = newest(folder);
        monitor.started(STEPS, done);
        for (int step = done + 1; step <= STEPS; step++) {
            if (!awaitStep(monitor)) {
                if (monitor.wish() == RunMonitor.Wish.PAUSE && step > 1) {
                    checkpoint(folder, step - 1, monitor);
                }
                return new TrainingOutcome.Interrupted();
            }
            fail(text, step);
            monitor.step(new RunMonitor.Step(step, STEPS, step / 4.0, 2.0 / step, metrics(job, step), 1e-4, 0.5, 1000, STEPS - step));
            if (step % 2 == 0) {
                monitor.evaluated(new RunMonitor.Evaluation(step, Map.of("valid_loss", 3.0 / step, "valid_mean_token_accuracy", 0.5)));
                checkpoint(folder, step, monitor);
            }
        }
        return new TrainingOutcome.Completed(123);
    }

    private static Map<String, Double> metrics(FineTuningJob job, int step) {
        return job.spec().method() == JobMethod.DPO ? Map.of("rewards/margins", step / 8.0, "rewards/accuracies", 0.75) : Map.of();
    }

    private static void fail(String text, int step) {
        if (text.contains("NAN") && step == 2) {
            throw new RunFailure("loss_not_finite", "step 2: the loss is not a number (rows 1, 5)", null);
        }
        if (text.contains("FULL") && step == 3) {
            throw new UncheckedIOException(new IOException("No space left on device"));
        }
        if (text.contains("OOM") && step == 1) {
            throw new OutOfMemoryError("cannot allocate 5 GiB");
        }
    }

    /// @return false when the job is to stop
    private boolean awaitStep(RunMonitor monitor) {
        try {
            while (monitor.wish() == RunMonitor.Wish.GO_ON) {
                if (allowed.tryAcquire(5, TimeUnit.MILLISECONDS)) {
                    return true;
                }
            }
            return false;
        } catch (InterruptedException _) {
            return false;
        }
    }

    private static int newest(JobFolder folder) {
        int newest = 0;
        for (int step = 1; step <= STEPS; step++) {
            newest = Files.isDirectory(folder.output().resolve("checkpoint-" + step)) ? step : newest;
        }
        return newest;
    }

    private static void checkpoint(JobFolder folder, int step, RunMonitor monitor) {
        try {
            monitor.checkpoint(step, Files.createDirectories(folder.output().resolve("checkpoint-" + step)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void publish(FineTuningJob job, JobFolder folder, String name, String subfolder) {
        published.add(name);
    }

    @Override
    public void assign(String name, Optional<String> owner) {
        assigned.put(name, owner);
    }

    /// Whose an adapter is now, if anybody has said so.
    Optional<Optional<String>> assigned(String name) {
        return Optional.ofNullable(assigned.get(name));
    }

    @Override
    public void withdraw(String name) {
        published.remove(name);
    }

    @Override
    public List<Sample> answers(FineTuningJob job, String adapter) {
        return job.spec().options().path("sample_prompts").valueStream().map(prompt -> {
            if (prompt.asText().equals("LONG")) {
                throw new IllegalStateException("the prompt is too long");
            }
            return new Sample(prompt.asText(), "the base says", adapter);
        }).toList();
    }

    @Override
    public Optional<String> samples(FineTuningJob job, JobFolder folder) {
        return Optional.empty();
    }
}
