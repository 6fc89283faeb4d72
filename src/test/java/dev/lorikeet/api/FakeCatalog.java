package dev.lorikeet.api;

import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.catalog.DeviceMemory;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelEvent;
import dev.lorikeet.catalog.ModelLease;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.chat.TextModel;
import dev.lorikeet.engine.EngineStats;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.Quantization;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// A catalog whose models are in whatever state a test puts them.
@Alternative
@ApplicationScoped
public class FakeCatalog implements ModelCatalog {
    static final String DEMO = "demo";
    static final String ODD = "org/name:tag";

    private final Map<String, ModelState> states = new LinkedHashMap<>();
    private final List<Consumer<ModelEvent>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger leases = new AtomicInteger();
    private final FakeModel model = new FakeModel();

    FakeCatalog() {
        reset();
    }

    final synchronized void reset() {
        var info = new ModelState.ModelInfo("GemmaForCausalLM", 1000, "bfloat16", "cpu", FakeModel.CONTEXT, 8, 2000, 3000, Optional.empty());
        states.clear();
        states.put(DEMO, new ModelState.Loaded(model, info));
        states.put(ODD, new ModelState.Loaded(model, info));
        states.put("busy", new ModelState.Loading(0.42));
        states.put("cold", new ModelState.Unloaded());
        states.put("broken", new ModelState.Failed("missing shard model-00002-of-00002.safetensors"));
        model.reset();
    }

    @Override
    public DeviceMemory memory() {
        return new DeviceMemory("cpu", 10_000, 4000, 3000);
    }

    @Override
    public Map<String, EngineStats> stats() {
        return Map.of(DEMO, new EngineStats(2, 1, 30, 120));
    }

    FakeModel model() {
        return model;
    }

    int leases() {
        return leases.get();
    }

    /// Whether all leases come back: the server may still be about to when the client has read the end.
    boolean leasesComeBack() throws InterruptedException {
        return comesTrue(() -> leases.get() == 0);
    }

    int listeners() {
        return listeners.size();
    }

    /// Whether listeners leave until so many are left.
    boolean listenersLeave(int left) throws InterruptedException {
        return comesTrue(() -> listeners.size() <= left);
    }

    private synchronized boolean comesTrue(BooleanSupplier state) throws InterruptedException {
        for (long end = System.nanoTime() + 10_000_000_000L; !state.getAsBoolean() && System.nanoTime() < end;) {
            wait(100);
        }
        return state.getAsBoolean();
    }

    /// Puts a model in a state and tells the listeners.
    void become(String id, ModelState state) {
        synchronized (this) {
            states.put(id, state);
        }
        listeners.forEach(listener -> listener.accept(new ModelEvent(id, state)));
    }

    @Override
    public synchronized List<ModelEntry> entries() {
        return states.entrySet().stream().map(e -> entry(e.getKey(), e.getValue())).toList();
    }

    @Override
    public synchronized ModelLease lease(String id) {
        ModelState state = states.get(id);
        return switch (state) {
            case null -> throw new CatalogException.NotFound(id);
            case ModelState.Downloading _ -> throw new CatalogException.Busy(id, "being downloaded");
            case ModelState.Loading _ -> throw new CatalogException.Busy(id, "loading");
            case ModelState.Unloading _ -> throw new CatalogException.Busy(id, "unloading");
            case ModelState.Unloaded _, ModelState.Failed _ -> throw new CatalogException.NotLoaded(id);
            case ModelState.Loaded(TextModel loaded, var _) -> {
                leases.incrementAndGet();
                yield new Lease(entry(id, state), loaded);
            }
        };
    }

    @Override
    public ModelLease leaseDefault() {
        return lease(DEMO);
    }

    @Override
    public synchronized void load(String idOrPath) {
        switch (states.get(idOrPath)) {
            case null -> throw new CatalogException.NotFound(idOrPath);
            case ModelState.Failed _ -> throw new CatalogException.Refused("it needs 5000 bytes and 4000 are free");
            case ModelState.Unloaded _ -> states.put(idOrPath, new ModelState.Loading(0));
            case ModelState.Loaded _, ModelState.Downloading _, ModelState.Loading _, ModelState.Unloading _ -> throw new CatalogException.AlreadyRunning(idOrPath);
        }
    }

    @Override
    public synchronized void load(String idOrPath, Quantization scheme) {
        if (!states.containsKey(idOrPath)) {
            throw new CatalogException.NotFound(idOrPath);
        }
        states.put(idOf(idOrPath, scheme), new ModelState.Loading(0));
    }

    @Override
    public String idOf(String id, Quantization scheme) {
        return id + ":" + scheme.name();
    }

    @Override
    public synchronized void fetch(String id) {
        switch (id) {
            case "acme/gated" -> throw new CatalogException.Refused("acme/gated is gated: accept its conditions at https://huggingface.co/acme/gated");
            case "acme/later" -> throw new CatalogException.Unreachable("huggingface.co limits the rate of requests", Duration.ofSeconds(77));
            default -> states.put(id, new ModelState.Downloading(Map.of(), Optional.empty()));
        }
    }

    @Override
    public synchronized long unload(String id) {
        if (!states.containsKey(id)) {
            throw new CatalogException.NotFound(id);
        }
        if (!(states.get(id) instanceof ModelState.Loaded)) {
            throw new CatalogException.NotLoaded(id);
        }
        states.put(id, new ModelState.Unloaded());
        return 5000;
    }

    @Override
    public AutoCloseable subscribe(Consumer<ModelEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private static ModelEntry entry(String id, ModelState state) {
        return new ModelEntry(id, Path.of("models", id), Instant.ofEpochSecond(1_786_900_000), state);
    }

    private final class Lease implements ModelLease {
        private final ModelEntry entry;
        private final TextModel leased;
        private final List<Object> closed = new ArrayList<>();

        Lease(ModelEntry entry, TextModel leased) {
            this.entry = entry;
            this.leased = leased;
        }

        @Override
        public ModelEntry entry() {
            return entry;
        }

        @Override
        public TextModel model() {
            return leased;
        }

        @Override
        public LoadedModel weights() {
            throw new UnsupportedOperationException("there are none");
        }

        @Override
        public void close() {
            closed.add(this);
            if (closed.size() > 1) {
                throw new IllegalStateException("a lease was closed twice");
            }
            leases.decrementAndGet();
            synchronized (FakeCatalog.this) {
                FakeCatalog.this.notifyAll();
            }
        }
    }
}
