package dev.lorikeet.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.adapter.AdapterMetadata;
import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.catalog.QuantizedId;
import dev.lorikeet.chat.ModelText;
import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.model.BitsAndBytesNames;
import dev.lorikeet.model.Quantization;
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
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;

/// Trains on the models that are resident here: the same weights that serve.
public final class ResidentTraining implements TrainingBackend {
    private final ModelCatalog catalog;
    private final AdapterRegistry registry;
    private final InferenceLoop loop;
    private final Executor changes = Executors.newSingleThreadExecutor(Thread.ofVirtual().name("job-models").factory());

    public ResidentTraining(ModelCatalog catalog, AdapterRegistry registry, InferenceLoop loop) {
        this.catalog = catalog;
        this.registry = registry;
        this.loop = loop;
    }

    @Override
    public Target target(String model, ObjectNode options) {
        var adapter = registry.find(model);
        String base = adapter.map(found -> found.base()).orElse(model);
        var folder = adapter.map(found -> found.folder());
        var scheme = BitsAndBytesNames.read(options);
        if (scheme.isPresent()) {
            return new Target(quantized(base, scheme.get(), options), folder);
        }
        try (var lease = catalog.lease(base)) {
            return new Target(lease.entry().id(), folder);
        }
    }

    private String quantized(String base, Quantization wanted, ObjectNode options) {
        Optional<String> actual = loaded(base).map(ModelState.Loaded::info).flatMap(ModelState.ModelInfo::quantization)
                .or(() -> QuantizedId.parse(base).map(id -> id.scheme().name()));
        if (actual.isPresent() && !actual.get().equals(wanted.name())) {
            String field = BitsAndBytesNames.KEYS.stream().filter(options::has).sorted(Comparator.comparing(name -> !name.startsWith("load_in_"))).findFirst().orElseThrow();
            throw new JobException.Invalid("lorikeet." + field, "`" + field + "` asks for " + wanted.name() + ", but `" + base + "` is already quantised, as "
                    + actual.get() + "; name the model in full precision, or leave the options out");
        }
        return actual.isPresent() ? base : catalog.idOf(base, wanted);
    }

    private Optional<ModelState.Loaded> loaded(String base) {
        return catalog.entries().stream().filter(entry -> entry.id().equals(base)).map(ModelEntry::state).filter(ModelState.Loaded.class::isInstance)
                .map(ModelState.Loaded.class::cast).findFirst();
    }

    @Override
    public BaseState state(String base) {
        return switch (catalog.entries().stream().filter(entry -> entry.id().equals(base)).map(ModelEntry::state).findFirst().orElse(new ModelState.Unloaded())) {
            case ModelState.Loaded _ -> new BaseState.Resident();
            case ModelState.Loading(double progress) -> new BaseState.Coming(progress);
            case ModelState.Downloading _ -> new BaseState.Coming(0);
            case ModelState.Failed(String reason) -> new BaseState.Failed(reason);
            case ModelState.Unloaded _, ModelState.Unloading _ -> new BaseState.Away();
        };
    }

    @Override
    public void bring(JobSpec spec) {
        if (spec.quantization().isEmpty()) {
            return;
        }
        switch (state(spec.base())) {
            case BaseState.Away _, BaseState.Failed _ -> load(spec.base());
            case BaseState.Resident _, BaseState.Coming _ -> { }
        }
    }

    private void load(String base) {
        try {
            catalog.load(base);
        } catch (CatalogException.AlreadyRunning _) {
            // Somebody was quicker.
        }
    }

    /// On a thread of its own, in order: who tells of a change holds the catalog's lock, which elsewhere is taken while that of the jobs is held.
    @Override
    public void onModelChange(Consumer<String> listener) {
        catalog.subscribe(event -> changes.execute(() -> listener.accept(event.model())));
    }

    @Override
    public Options options(JobMethod method, Hyperparameters asked, int seed, ObjectNode given) {
        var joined = JobOptions.join(method, asked, seed, given);
        RunOptions.read(method, joined.options());
        return joined;
    }

    @Override
    public DataCheck check(JobSpec spec, Function<JobSpec.Data, Path> rows, boolean lenient) {
        try (var text = ModelText.load(folder(spec.base()))) {
            return JobRows.read(spec, RunOptions.of(spec), text, rows, lenient).check();
        }
    }

    /// Of the files that a base is made from; a quantised one need not be there yet.
    private Path folder(String base) {
        var entries = catalog.entries();
        return entries.stream().filter(entry -> entry.id().equals(base)).findFirst()
                .or(() -> QuantizedId.parse(base).flatMap(id -> entries.stream().filter(entry -> entry.id().equals(id.base())).findFirst()))
                .map(ModelEntry::folder).orElseThrow(() -> new CatalogException.NotFound(base));
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
        requireSameBits(job.spec(), folder);
        Path files = folder.output().resolve(subfolder).toAbsolutePath().normalize();
        if (registry.find(name).filter(known -> known.folder().equals(files)).isEmpty()) {
            registry.publish(name, files, Optional.of(job.spec().base()), job.ownerOf(name));
        } else {
            // Another server may have changed that.
            registry.assign(name, job.ownerOf(name));
        }
    }

    /// A base keeps its name when another start gives its matrices other bits, but an adapter is served as it was trained.
    private void requireSameBits(JobSpec spec, JobFolder folder) {
        var trained = AdapterMetadata.read(folder.output()).quantization().or(spec::quantization).map(Quantization::name);
        var actual = loaded(spec.base()).map(ModelState.Loaded::info).flatMap(ModelState.ModelInfo::quantization);
        if (trained.isPresent() && !trained.equals(actual)) {
            throw new CatalogException.Refused("it was trained on `" + spec.base() + "` in " + trained.get() + ", which is loaded "
                    + actual.map(name -> "in " + name).orElse("in full precision") + " now");
        }
    }

    @Override
    public void assign(String name, Optional<String> owner) {
        registry.assign(name, owner);
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
