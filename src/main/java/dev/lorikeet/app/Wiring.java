package dev.lorikeet.app;

import dev.lorikeet.catalog.BaseModels;
import dev.lorikeet.catalog.CatalogOptions;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelSource;
import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.engine.EngineOptions;
import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.hub.HubFolders;
import dev.lorikeet.hub.HubSettings;
import dev.lorikeet.hub.HubUpload;
import dev.lorikeet.job.JobWorkers;
import dev.lorikeet.job.Jobs;
import dev.lorikeet.job.ResidentTraining;
import dev.lorikeet.job.TrainingBackend;
import dev.lorikeet.merge.MergeJobs;
import dev.lorikeet.metrics.EngineMetrics;
import dev.lorikeet.metrics.Gauges;
import dev.lorikeet.metrics.IterationTokens;
import dev.lorikeet.metrics.RequestMetrics;
import dev.lorikeet.metrics.TrainingGauges;
import dev.lorikeet.model.ModelPlan;
import dev.lorikeet.model.Quantization;
import dev.lorikeet.store.DataFolder;
import dev.lorikeet.store.FileStore;
import dev.lorikeet.registry.AdapterLoader;
import dev.lorikeet.registry.AdapterRegistry;
import dev.lorikeet.registry.PeftLoader;
import dev.lorikeet.registry.RegistryOptions;
import dev.lorikeet.registry.SharedAdapters;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.Torch;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Puts the parts together: configuration at the edge becomes records inside.
@ApplicationScoped
class Wiring {
    private static final Duration ADAPTER_PATIENCE = Duration.ofSeconds(30);

    @Produces
    @Singleton
    InferenceLoop inferenceLoop() {
        return new InferenceLoop();
    }

    /// Made when something first asks for the hub.
    @Produces
    @Singleton
    HubFolders hubFolders() {
        return new HubFolders(HubSettings.of(System.getenv(), Path.of(System.getProperty("user.home"))));
    }

    @Produces
    @Singleton
    HubUpload hubUpload(HubFolders hub) {
        return new HubUpload(hub.client());
    }

    @Produces
    @Singleton
    BaseModels baseModels(LorikeetConfig config, InferenceLoop loop, MeterRegistry meters, IterationTokens iterations, Instance<HubFolders> hub) {
        try {
            return new BaseModels(options(config, new HubModels(hub::get)), loop, model -> new EngineMetrics(meters, iterations, model));
        } catch (IllegalArgumentException e) {
            // Quarkus prints this message alone; any other exception would come with its stack.
            throw new ConfigurationException("lorikeet: " + e.getMessage());
        }
    }

    @Produces
    @Singleton
    DataFolder dataFolder(LorikeetConfig config) {
        return DataFolder.open(Path.of(config.data()));
    }

    @Produces
    @Singleton
    FileStore fileStore(DataFolder data) {
        return new FileStore(data.root().resolve("files"), Clock.systemUTC(), data.abandoned());
    }

    @Produces
    @Singleton
    AdapterLoader adapterLoader() {
        return new PeftLoader();
    }

    @Produces
    @Singleton
    TrainingBackend trainingBackend(ModelCatalog catalog, AdapterRegistry registry, InferenceLoop loop) {
        return new ResidentTraining(catalog, registry, loop);
    }

    @Produces
    @Singleton
    Jobs jobs(DataFolder data, FileStore files, TrainingBackend backend, Instance<HubFolders> hub, Instance<HubUpload> upload) {
        return new Jobs(new DataFolder(data.root().resolve("jobs"), data.abandoned()), files, backend, new HubJobs(hub::get, upload::get), Clock.systemUTC());
    }

    @Produces
    @Singleton
    JobWorkers jobWorkers(Jobs jobs, FileStore files, TrainingBackend backend) {
        return new JobWorkers(jobs, files, backend);
    }

    @Produces
    @Singleton
    AdapterRegistry adapterRegistry(LorikeetConfig config, ModelCatalog catalog, AdapterLoader loader, Instance<HubFolders> hub) {
        var roots = new ArrayList<Path>(List.of(Path.of(config.data(), "adapters")));
        config.adapterRoot().ifPresent(folders -> folders.forEach(folder -> roots.add(Path.of(folder))));
        try {
            return new AdapterRegistry(catalog, loader, new RegistryOptions(roots, new HubAdapters(hub::get), config.adapterMemory(), config.adapterHostMemory(), ADAPTER_PATIENCE));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("lorikeet: " + e.getMessage());
        }
    }

    @Produces
    @Singleton
    SharedAdapters sharedAdapters(DataFolder data, AdapterRegistry registry) {
        return new SharedAdapters(registry, data.root().resolve("adapters"));
    }

    @Produces
    @Singleton
    IterationTokens iterationTokens() {
        return new IterationTokens();
    }

    @Produces
    @Singleton
    RequestMetrics requestMetrics(MeterRegistry meters) {
        return new RequestMetrics(meters);
    }

    @Produces
    @Singleton
    Gauges gauges(ModelCatalog catalog, AdapterRegistry registry, Jobs jobs, JobWorkers workers, IterationTokens iterations) {
        return new Gauges(catalog, registry, new TrainingGauges(jobs, workers.gauge()), iterations, Clock.systemUTC());
    }

    @Produces
    @Singleton
    MergeJobs mergeJobs() {
        return new MergeJobs();
    }

    private static CatalogOptions options(LorikeetConfig config, ModelSource source) {
        Torch.start(config.threads());
        var roots = new ArrayList<Path>(List.of(Path.of(config.data(), "models")));
        config.modelRoot().ifPresent(folders -> folders.forEach(folder -> roots.add(Path.of(folder))));
        var model = new ModelPlan.Options(TensorDevice.parse(config.device()), config.dtype(), config.maxContext(), config.maxBatch())
                .quantized(config.quantization().map(Quantization::parse)).keptIn(Path.of(config.data(), "quantized"));
        var engine = new EngineOptions(config.maxQueue(), config.prefillChunk(), config.requestTimeout());
        return new CatalogOptions(roots, source, model, engine);
    }
}
