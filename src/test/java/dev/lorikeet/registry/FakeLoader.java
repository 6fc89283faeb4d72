package dev.lorikeet.registry;

import dev.lorikeet.catalog.ModelLease;
import dev.lorikeet.engine.LoadedAdapter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Loads folders without tensors: the file `adapter_model.safetensors` holds the bytes that the adapter takes (`100`), or `bad`, or
/// `100 dora` for one that is not additive. Knows which adapters are open.
public final class FakeLoader implements AdapterLoader {
    private static final String WEIGHTS = "adapter_model.safetensors";

    private final AtomicLong ids = new AtomicLong();
    private final Map<FakeAdapter, String> open = new ConcurrentHashMap<>();
    private final AtomicInteger loads = new AtomicInteger();
    private volatile Optional<Runnable> onLoad = Optional.empty();
    private volatile Optional<Runnable> onCopy = Optional.empty();

    record FakeAdapter(long id, boolean isAdditive, boolean onHost) implements LoadedAdapter {}

    /// Makes a folder that this loader reads.
    public static Path folder(Path parent, String name, String contents) {
        try {
            var folder = Files.createDirectories(parent.resolve(name));
            Files.writeString(folder.resolve("adapter_config.json"), "{}");
            Files.writeString(folder.resolve(WEIGHTS), contents);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Tensors that nobody has freed.
    public int open() {
        return open.size();
    }

    int openOnHost() {
        return (int) open.keySet().stream().filter(FakeAdapter::onHost).count();
    }

    public int loads() {
        return loads.get();
    }

    /// Runs in the middle of each load, on the loader thread.
    public void onLoad(Runnable action) {
        onLoad = Optional.of(action);
    }

    /// Runs before each copy, on the loader thread.
    void onCopy(Runnable action) {
        onCopy = Optional.of(action);
    }

    private static String contents(Path folder) {
        try {
            return Files.readString(folder.resolve(WEIGHTS)).strip();
        } catch (IOException e) {
            throw new AdapterException.Refused(folder + ": " + WEIGHTS + " is missing");
        }
    }

    @Override
    public long bytesNeeded(Path folder, ModelLease base) {
        String contents = contents(folder);
        return contents.startsWith("bad") ? 0 : Long.parseLong(contents.split(" ")[0]);
    }

    @Override
    public Loaded load(Path folder, ModelLease base) {
        loads.incrementAndGet();
        onLoad.ifPresent(Runnable::run);
        String contents = contents(folder);
        if (contents.startsWith("bad")) {
            throw new AdapterException.Refused(folder + ": it is bad");
        }
        var facts = new Facts(8, bytesNeeded(folder, base), contents, contents.contains("warn") ? List.of("a warning") : List.of());
        return loaded(new FakeAdapter(ids.incrementAndGet(), !contents.contains("dora"), false), base, facts);
    }

    private Loaded loaded(FakeAdapter adapter, ModelLease base, Facts facts) {
        open.put(adapter, "");
        return new Loaded(adapter, () -> {
            if (open.remove(adapter) == null) {
                throw new IllegalStateException("freed twice");
            }
        }, base.model().adapted(Path.of("."), java.util.Set.of()), facts);
    }

    @Override
    public Loaded copy(Loaded loaded, boolean toHost, ModelLease base) {
        onCopy.ifPresent(Runnable::run);
        return loaded(new FakeAdapter(loaded.adapter().id(), loaded.adapter().isAdditive(), toHost), base, loaded.facts());
    }

    @Override
    public String statedBase(Path folder) {
        return contents(folder).contains("for-other") ? "other" : "";
    }
}
