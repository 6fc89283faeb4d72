package dev.lorikeet.registry;

import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.catalog.DeviceMemory;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelEvent;
import dev.lorikeet.catalog.ModelLease;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.chat.AdaptedText;
import dev.lorikeet.chat.ChatPrompt;
import dev.lorikeet.chat.GenerationDefaults;
import dev.lorikeet.chat.Prompt;
import dev.lorikeet.chat.TextModel;
import dev.lorikeet.chat.TextRequest;
import dev.lorikeet.chat.TextStream;
import dev.lorikeet.chat.Tokenizer;
import dev.lorikeet.engine.EngineStats;
import dev.lorikeet.engine.GenerationRequest;
import dev.lorikeet.engine.Generator;
import dev.lorikeet.engine.LoadedAdapter;
import dev.lorikeet.engine.TokenStream;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.Quantization;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// Two base models without weights, `demo` (the default) and `other`, and what the registry does with them.
final class FakeBases implements ModelCatalog {
    private final Map<String, ModelState> states = new LinkedHashMap<>();
    private final List<Consumer<ModelEvent>> listeners = new CopyOnWriteArrayList<>();
    private final List<LoadedAdapter> released = new CopyOnWriteArrayList<>();
    private int leases;

    FakeBases() {
        states.put("demo", loaded());
        states.put("other", loaded());
    }

    private ModelState loaded() {
        return new ModelState.Loaded(new Text(), new ModelState.ModelInfo("Fake", 1, "float32", "cpu", 64, 1, 1, 1, Optional.empty()));
    }

    synchronized int leases() {
        return leases;
    }

    /// Adapters that an engine was asked to let go.
    List<LoadedAdapter> released() {
        return released;
    }

    void unloadAndLoad(String id) {
        become(id, new ModelState.Unloaded());
        become(id, loaded());
    }

    void become(String id, ModelState state) {
        synchronized (this) {
            states.put(id, state);
        }
        listeners.forEach(listener -> listener.accept(new ModelEvent(id, state)));
    }

    @Override
    public synchronized List<ModelEntry> entries() {
        return states.entrySet().stream().map(e -> new ModelEntry(e.getKey(), Path.of("models", e.getKey()), Instant.EPOCH, e.getValue())).toList();
    }

    @Override
    public DeviceMemory memory() {
        return new DeviceMemory("cpu", 10_000, 4000, 3000);
    }

    @Override
    public Map<String, EngineStats> stats() {
        return Map.of();
    }

    @Override
    public synchronized ModelLease lease(String id) {
        var entry = entries().stream().filter(e -> e.id().equals(id)).findFirst().orElseThrow(() -> new CatalogException.NotFound(id));
        if (!(entry.state() instanceof ModelState.Loaded(TextModel text, var _))) {
            throw new CatalogException.NotLoaded(id);
        }
        leases++;
        return new ModelLease() {
            @Override
            public ModelEntry entry() {
                return entry;
            }

            @Override
            public TextModel model() {
                return text;
            }

            @Override
            public LoadedModel weights() {
                throw new UnsupportedOperationException();
            }

            @Override
            public void close() {
                synchronized (FakeBases.this) {
                    leases--;
                }
            }
        };
    }

    @Override
    public ModelLease leaseDefault() {
        return lease("demo");
    }

    @Override
    public void load(String idOrPath, Quantization scheme) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String idOf(String id, Quantization scheme) {
        return id + ":" + scheme.name();
    }

    @Override
    public void load(String idOrPath) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void fetch(String id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long unload(String id) {
        throw new UnsupportedOperationException();
    }

    @Override
    public AutoCloseable subscribe(Consumer<ModelEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private final class Text implements TextModel {
        @Override
        public Tokenizer tokenizer() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int embeddingRows() {
            return 10;
        }

        @Override
        public GenerationDefaults defaults() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Generator generator() {
            return new Generator() {
                @Override
                public TokenStream submit(GenerationRequest request) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public void release(LoadedAdapter adapter) {
                    released.add(adapter);
                }

                @Override
                public int maxContext() {
                    return 64;
                }
            };
        }

        @Override
        public Prompt prompt(ChatPrompt chat) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Prompt prompt(String text, boolean addSpecialTokens) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String templateSha256() {
            return "";
        }

        @Override
        public AdaptedText adapted(Path folder, Set<Integer> endTokenIds) {
            return new AdaptedText(this, false, false, Optional.empty());
        }

        @Override
        public TextStream generate(TextRequest request) {
            throw new UnsupportedOperationException();
        }
    }
}
