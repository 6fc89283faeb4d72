package dev.lorikeet.catalog;

import dev.lorikeet.catalog.CatalogException.AlreadyRunning;
import dev.lorikeet.catalog.CatalogException.Busy;
import dev.lorikeet.catalog.CatalogException.NotFound;
import dev.lorikeet.catalog.CatalogException.NotLoaded;
import dev.lorikeet.catalog.CatalogException.Refused;
import dev.lorikeet.chat.TextModel;
import dev.lorikeet.engine.EngineListener;
import dev.lorikeet.engine.EngineStats;
import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.ModelPlan;
import dev.lorikeet.model.Quantization;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.tensor.NativeHeap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;

/// The catalog proper: one loader thread loads, the engine thread generates, and every change of state goes through here.
public final class BaseModels implements ModelCatalog, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(BaseModels.class);

    private final CatalogOptions options;
    private final ModelRoots roots;
    private final InferenceLoop loop;
    private final Function<String, EngineListener> engineListeners;
    private final Map<String, Model> models = new LinkedHashMap<>();
    private final List<Consumer<ModelEvent>> listeners = new CopyOnWriteArrayList<>();
    private final ExecutorService loader = Executors.newSingleThreadExecutor(task -> Thread.ofPlatform().name("loader").unstarted(task));

    public BaseModels(CatalogOptions options, InferenceLoop loop) {
        this(options, loop, _ -> EngineListener.NONE);
    }

    /// @param engineListeners one for each model's engine, by the model's id
    public BaseModels(CatalogOptions options, InferenceLoop loop, Function<String, EngineListener> engineListeners) {
        this.engineListeners = engineListeners;
        this.options = options;
        this.roots = new ModelRoots(options.roots());
        this.loop = loop;
    }

    /// The id that the model of the command line will have: of a folder its name, of a name of the source that.
    public String idOf(String folderOrName) {
        return sourced(folderOrName).orElseGet(() -> Path.of(folderOrName).toAbsolutePath().normalize().getFileName().toString());
    }

    /// A folder has precedence over a repository of the same name.
    private Optional<String> sourced(String folderOrName) {
        return Files.isDirectory(Path.of(folderOrName)) ? Optional.empty() : options.source().id(folderOrName);
    }

    /// Loads the model of the command line: a folder, which may be anywhere, or a name of the source. It keeps its name, whatever the
    /// options make of its matrices.
    public void start(String folderOrName) {
        sourced(folderOrName).ifPresentOrElse(id -> {
            LOG.infof("%s is no folder here, so it is taken for the name of a repository", folderOrName);
            fetch(new Model(id, Path.of(id), true, options.model().quantization()), id, true);
        }, () -> start(Path.of(folderOrName)));
    }

    /// Makes the model of this folder the default. Returns once its small files are found good; loading goes on in the background.
    public void start(Path folder) {
        var plan = plan(folder, options.model().quantization());
        var model = new Model(folder.toAbsolutePath().normalize().getFileName().toString(), folder, false, options.model().quantization());
        synchronized (this) {
            models.put(model.id, model);
        }
        begin(model, plan);
    }

    @Override
    public synchronized List<ModelEntry> entries() {
        roots.folders().forEach(folder -> models.computeIfAbsent(folder.getFileName().toString(), id -> new Model(id, folder, false, Optional.empty())));
        return models.values().stream().map(Model::entry).toList();
    }

    @Override
    public synchronized Map<String, EngineStats> stats() {
        var stats = new LinkedHashMap<String, EngineStats>();
        models.values().stream().filter(model -> model.state instanceof ModelState.Loaded).forEach(model -> stats.put(model.id, model.resident.engine().stats()));
        return stats;
    }

    @Override
    public ModelLease lease(String id) {
        entries();
        return lease(find(id));
    }

    @Override
    public DeviceMemory memory() {
        var device = options.model().device();
        long total = device.totalBytes();
        return new DeviceMemory(device.toString(), total, Math.min(total, device.availableBytes()), NativeHeap.residentBytes());
    }

    @Override
    public ModelLease leaseDefault() {
        synchronized (this) {
            return lease(models.values().iterator().next());
        }
    }

    private synchronized ModelLease lease(Model model) {
        return switch (model.state) {
            case ModelState.Loaded _ -> {
                model.leases++;
                yield new Lease(model);
            }
            case ModelState.Downloading _ -> throw new Busy(model.id, "being downloaded");
            case ModelState.Loading _ -> throw new Busy(model.id, "loading");
            case ModelState.Unloading _ -> throw new Busy(model.id, "being unloaded");
            case ModelState.Unloaded _, ModelState.Failed _ -> throw new NotLoaded(model.id);
        };
    }

    private synchronized Model find(String id) {
        var model = models.get(id);
        if (model == null) {
            throw new NotFound(id);
        }
        return model;
    }

    @Override
    public void load(String idOrPath) {
        entries();
        var known = known(idOrPath);
        var variant = known.isPresent() || roots.find(idOrPath).isPresent() ? Optional.<QuantizedId>empty() : QuantizedId.parse(idOrPath);
        if (variant.isPresent()) {
            load(variant.get().base(), variant.get().scheme());
            return;
        }
        var folder = known.filter(model -> !model.sourced).map(model -> model.folder).or(() -> roots.find(idOrPath));
        if (folder.isPresent()) {
            var plan = plan(folder.get(), known.flatMap(model -> model.quantization));
            begin(known.orElseGet(() -> remember(folder.get())), plan);
        } else {
            String id = options.source().id(idOrPath).orElseThrow(() -> new NotFound(idOrPath));
            fetch(new Model(id, Path.of(id), true, Optional.empty()), id, true);
        }
    }

    @Override
    public void load(String idOrPath, Quantization scheme) {
        entries();
        var known = known(idOrPath);
        if (known.isPresent() && known.get().quantization.equals(Optional.of(scheme))) {
            load(idOrPath);
            return;
        }
        var folder = known.filter(model -> !model.sourced).map(model -> model.folder).or(() -> roots.find(idOrPath));
        if (folder.isPresent()) {
            var plan = plan(folder.get(), Optional.of(scheme));
            String base = known.map(model -> model.id).orElseGet(() -> folder.get().getFileName().toString());
            begin(remember(folder.get(), idOf(base, scheme), Optional.of(scheme)), plan);
        } else {
            String name = options.source().id(idOrPath).orElseThrow(() -> new NotFound(idOrPath));
            String id = idOf(name, scheme);
            fetch(new Model(id, Path.of(name), true, Optional.of(scheme)), name, true);
        }
    }

    @Override
    public synchronized String idOf(String id, Quantization scheme) {
        return known(id).filter(model -> model.quantization.equals(Optional.of(scheme))).map(model -> model.id)
                .orElseGet(() -> new QuantizedId(id, scheme).id());
    }

    @Override
    public void fetch(String id) {
        String name = options.source().id(id).orElseThrow(() -> new NotFound(id));
        fetch(new Model(name, Path.of(name), true, Optional.empty()), name, false);
    }

    /// The model becomes known once its source has it. @param name what the source calls it
    private void fetch(Model unknown, String name, boolean load) {
        known(unknown.id).ifPresent(BaseModels::requireIdle);
        var offer = options.source().offer(name);
        Model model;
        synchronized (this) {
            model = models.computeIfAbsent(unknown.id, _ -> unknown);
            requireIdle(model);
            model.state = new ModelState.Downloading(Map.of(), Optional.empty());
            model.download = Thread.ofVirtual().name("download").unstarted(() -> download(model, offer, load));
        }
        change(model, model.state);
        model.download.start();
    }

    private void download(Model model, ModelSource.Offer offer, boolean load) {
        try {
            var folder = offer.fetch(progress -> changeWhileDownloading(model, progress));
            var plan = load ? Optional.of(plan(folder, model.quantization)) : Optional.<ModelPlan>empty();
            synchronized (this) {
                model.folder = folder;
                if (!changeWhileDownloading(model, new ModelState.Unloaded())) {
                    return;
                }
            }
            LOG.infof("model %s is in %s", model.id, folder);
            plan.ifPresent(ready -> begin(model, ready));
        } catch (InterruptedException _) {
            LOG.infof("the download of %s was cancelled", model.id);
        } catch (RuntimeException e) {
            LOG.errorf("model %s could not be fetched: %s", model.id, e.getMessage());
            LOG.debug("", e);
            changeWhileDownloading(model, new ModelState.Failed(String.valueOf(e.getMessage())));
        }
    }

    /// A download that was cancelled has no say any more.
    private boolean changeWhileDownloading(Model model, ModelState state) {
        synchronized (this) {
            if (!(model.state instanceof ModelState.Downloading)) {
                return false;
            }
            model.state = state;
        }
        tell(model, state);
        return true;
    }

    private synchronized Optional<Model> known(String id) {
        return Optional.ofNullable(models.get(id));
    }

    private Model remember(Path folder) {
        return remember(folder, folder.getFileName().toString(), Optional.empty());
    }

    private synchronized Model remember(Path folder, String id, Optional<Quantization> scheme) {
        var model = models.computeIfAbsent(id, _ -> new Model(id, folder, false, scheme));
        if (!model.folder.toAbsolutePath().normalize().equals(folder.toAbsolutePath().normalize())) {
            throw new Refused("Another folder already has the name `" + model.id + "`: " + model.folder);
        }
        return model;
    }

    private ModelPlan plan(Path folder, Optional<Quantization> scheme) {
        try {
            return ModelPlan.of(folder, options.model().quantized(scheme));
        } catch (BadFileException | IllegalArgumentException e) {
            throw new Refused(e.getMessage());
        }
    }

    private void begin(Model model, ModelPlan plan) {
        synchronized (this) {
            requireIdle(model);
            long available = plan.device().availableBytes();
            if (plan.bytes() > available) {
                throw new Refused("Loading `" + model.id + "` needs " + plan.bytes() + " bytes (" + plan.weightBytes() + " for weights, "
                        + plan.cacheBytes() + " for the KV cache), but only " + available + " are available on " + plan.device()
                        + ". Unload another model, or start with a smaller --max-context or --max-batch.");
            }
            change(model, new ModelState.Loading(0));
        }
        loader.execute(() -> load(model, plan));
    }

    private static void requireIdle(Model model) {
        if (!(model.state instanceof ModelState.Unloaded) && !(model.state instanceof ModelState.Failed)) {
            throw new AlreadyRunning(model.id);
        }
    }

    private void load(Model model, ModelPlan plan) {
        long start = System.nanoTime();
        try {
            var engines = new Resident.Engines(options.engine(), loop, engineListeners.apply(model.id));
            model.resident = Resident.load(plan, engines, progress -> change(model, new ModelState.Loading(progress)));
            var info = model.resident.info();
            if (options.model().maxContext() > info.maxContext()) {
                LOG.infof("model %s was made for %d tokens: --max-context %d is cut to that", model.id, info.maxContext(), options.model().maxContext());
            }
            LOG.infof("model %s loaded in %d ms: %s, %,d parameters, %s on %s, context %d, batch %d", model.id, (System.nanoTime() - start) / 1_000_000,
                    info.architecture(), info.parameters(), info.dtype(), info.device(), info.maxContext(), info.maxBatch());
            change(model, new ModelState.Loaded(model.resident.text(), info));
            NativeHeap.trim();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.errorf("model %s could not be loaded: %s", model.id, e.getMessage());
            LOG.debug("", e);
            change(model, new ModelState.Failed(String.valueOf(e.getMessage())));
        }
    }

    @Override
    public long unload(String id) {
        entries();
        var model = find(id);
        if (changeWhileDownloading(model, new ModelState.Unloaded())) {
            model.download.interrupt();
            return 0;
        }
        synchronized (this) {
            if (!(model.state instanceof ModelState.Loaded)) {
                throw new NotLoaded(id);
            }
            change(model, new ModelState.Unloading());
        }
        try {
            synchronized (this) {
                while (model.leases > 0) {
                    wait();
                }
            }
            long freed = model.resident.release();
            model.resident = null;
            change(model, new ModelState.Unloaded());
            LOG.infof("model %s unloaded, %,d bytes freed", id, freed);
            return freed;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while unloading " + id, e);
        }
    }

    private void change(Model model, ModelState state) {
        synchronized (this) {
            model.state = state;
        }
        tell(model, state);
    }

    private void tell(Model model, ModelState state) {
        listeners.forEach(listener -> listener.accept(new ModelEvent(model.id, state)));
    }

    @Override
    public AutoCloseable subscribe(Consumer<ModelEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /// Frees every model; to be called once the engine thread has stopped, so that nothing runs any more.
    @Override
    public void close() {
        models.values().stream().filter(model -> model.download != null).forEach(model -> model.download.interrupt());
        loader.close();
        models.values().forEach(Model::free);
    }

    private final class Lease implements ModelLease {
        private final Model model;
        private final TextModel text;
        private final LoadedModel weights;
        private boolean closed;

        Lease(Model model) {
            this.model = model;
            this.text = model.resident.text();
            this.weights = model.resident.weights();
        }

        @Override
        public ModelEntry entry() {
            return model.entry();
        }

        @Override
        public TextModel model() {
            return text;
        }

        @Override
        public LoadedModel weights() {
            return weights;
        }

        @Override
        public void close() {
            synchronized (BaseModels.this) {
                if (!closed) {
                    closed = true;
                    model.leases--;
                    BaseModels.this.notifyAll();
                }
            }
        }
    }
}
