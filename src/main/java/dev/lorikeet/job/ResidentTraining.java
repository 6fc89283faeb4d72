package dev.lorikeet.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.registry.AdapterException;
import dev.lorikeet.registry.AdapterRegistry;
import dev.lorikeet.training.TrainingOptions;
import dev.lorikeet.training.TrainingRefusal;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/// Trains on the models that are resident here: the same weights that serve.
public final class ResidentTraining implements TrainingBackend {
    private static final String MODEL = "model";

    private final ModelCatalog catalog;
    private final AdapterRegistry registry;

    public ResidentTraining(ModelCatalog catalog, AdapterRegistry registry) {
        this.catalog = catalog;
        this.registry = registry;
    }

    @Override
    public Target target(String model) {
        try (var lease = catalog.lease(model)) {
            return new Target(lease.entry().id(), Optional.empty());
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
    public Options options(Hyperparameters asked, int seed, ObjectNode given) {
        var joined = JobOptions.join(asked, seed, given);
        try {
            TrainingOptions.read(joined.options());
        } catch (TrainingRefusal e) {
            throw new JobException.Invalid("lorikeet." + e.option(), e.getMessage());
        }
        return joined;
    }

    @Override
    public DataCheck check(JobSpec spec, Function<JobSpec.Data, Path> rows, boolean lenient) {
        throw new BadRowsException("training_file", "This build has no reader of rows yet.");
    }

    @Override
    public TrainingOutcome train(FineTuningJob job, JobFolder folder, RunMonitor monitor) {
        throw new TrainingFailure("not_available", "This build has no trainer yet.", null);
    }

    @Override
    public void publish(FineTuningJob job, JobFolder folder, String name, String subfolder) {
        registry.publish(name, folder.output().resolve(subfolder), Optional.of(job.spec().base()));
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
}
