package dev.lorikeet.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.chat.ModelText;
import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.registry.AdapterException;
import dev.lorikeet.registry.AdapterRegistry;
import dev.lorikeet.training.Trainer;
import dev.lorikeet.training.TrainingData;
import dev.lorikeet.training.TrainingFailure;
import dev.lorikeet.training.TrainingFolder;
import dev.lorikeet.training.TrainingHooks;
import dev.lorikeet.training.TrainingRefusal;
import dev.lorikeet.training.TrainingResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// Trains on the models that are resident here: the same weights that serve.
public final class ResidentTraining implements TrainingBackend {
    private final ModelCatalog catalog;
    private final AdapterRegistry registry;
    private final InferenceLoop loop;

    public ResidentTraining(ModelCatalog catalog, AdapterRegistry registry, InferenceLoop loop) {
        this.catalog = catalog;
        this.registry = registry;
        this.loop = loop;
    }

    @Override
    public Target target(String model) {
        var adapter = registry.find(model);
        try (var lease = catalog.lease(adapter.map(found -> found.base()).orElse(model))) {
            return new Target(lease.entry().id(), adapter.map(found -> found.folder()));
        }
    }

    @Override
    public boolean isResident(String base) {
        return catalog.entries().stream().filter(entry -> entry.id().equals(base)).map(ModelEntry::state).anyMatch(ModelState.Loaded.class::isInstance);
    }

    @Override
    public void onModelChange(Consumer<String> listener) {
        catalog.subscribe(event -> listener.accept(event.model()));
    }

    @Override
    public Options options(JobMethod method, Hyperparameters asked, int seed, ObjectNode given) {
        var joined = JobOptions.join(method, asked, seed, given);
        RunOptions.read(method, joined.options());
        return joined;
    }

    @Override
    public DataCheck check(JobSpec spec, Function<JobSpec.Data, Path> rows, boolean lenient) {
        try (var base = catalog.lease(spec.base()); var text = ModelText.load(base.entry().folder())) {
            return JobRows.read(spec, RunOptions.of(spec), text, rows, lenient).check();
        }
    }

    @Override
    public TrainingOutcome train(FineTuningJob job, JobFolder folder, RunMonitor monitor) {
        JobSpec spec = job.spec();
        var options = RunOptions.of(spec);
        Optional<Path> curves = options.tensorboard() ? Optional.of(folder.output().resolve("runs").resolve(job.id())) : Optional.empty();
        try (var base = catalog.lease(spec.base()); var talk = new TrainerTalk(monitor, curves)) {
            JobRows rows;
            try (var text = ModelText.load(base.entry().folder())) {
                rows = JobRows.read(spec, options, text, folder::data, false);
            }
            var place = new TrainingFolder(folder.output(), base.entry().folder().toAbsolutePath().normalize().toString(),
                    spec.startAdapter().map(_ -> folder.startAdapter()));
            var result = new Trainer(base.weights(), options.training(), new TrainingData(rows.train().examples(), rows.validation()), place,
                    new TrainingHooks(talk, talk, new ServingFirst(loop))).run();
            if (result.status() != TrainingResult.Status.COMPLETED) {
                return new TrainingOutcome.Interrupted();
            }
            new AdapterPapers(job, options, base).writeTo(folder.output(), rows, result);
            return new TrainingOutcome.Completed(result.trainedTokens());
        } catch (CatalogException _) {
            // The model has just left; the job waits for it.
            return new TrainingOutcome.Interrupted();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new TrainingOutcome.Interrupted();
        } catch (TrainingRefusal e) {
            throw new RunFailure("invalid_option", e.getMessage(), e);
        } catch (TrainingFailure e) {
            throw new RunFailure(e.reason().name().toLowerCase(Locale.ROOT), e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void publish(FineTuningJob job, JobFolder folder, String name, String subfolder) {
        Path files = folder.output().resolve(subfolder).toAbsolutePath().normalize();
        if (registry.find(name).filter(known -> known.folder().equals(files)).isEmpty()) {
            registry.publish(name, files, Optional.of(job.spec().base()));
        }
    }

    @Override
    public void withdraw(String name) {
        try {
            registry.unload(name);
        } catch (AdapterException.NotFound _) {
            // Somebody has unloaded it already.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public List<Sample> answers(FineTuningJob job, String adapter) {
        var options = RunOptions.of(job.spec());
        if (options.samplePrompts().isEmpty()) {
            return List.of();
        }
        try (var base = registry.lease(job.spec().base(), List.of()); var adapted = registry.lease(adapter, List.of())) {
            return new SampleAnswers(base, adapted, options.sampleTokens()).answer(options.samplePrompts(), options.data());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    @Override
    public Optional<String> samples(FineTuningJob job, JobFolder folder) {
        JobSpec spec = job.spec();
        var options = RunOptions.of(spec);
        if (options.samples() == 0) {
            return Optional.empty();
        }
        try (var base = registry.lease(spec.base(), List.of()); var adapted = registry.lease(job.modelName(), List.of());
                var lease = catalog.lease(spec.base()); var text = ModelText.load(lease.entry().folder())) {
            var held = JobRows.read(spec, options, text, folder::data, false).validation();
            return Optional.of(new SampleAnswers(base, adapted, options.sampleTokens()).write(held.subList(0, Math.min(held.size(), options.samples()))));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
