package dev.lorikeet.model;

import dev.lorikeet.model.Quantization.Int4;
import dev.lorikeet.store.AtomicFile;
import dev.lorikeet.store.BadFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import org.jboss.logging.Logger;

/// The codes of a model: those of an earlier load, mapped from the disk, or new ones, which are kept there. Without room on the disk they are
/// made in memory.
final class QuantizedStore {
    private static final Logger LOG = Logger.getLogger(QuantizedStore.class);
    /// Of what is in a file; another one is not read.
    private static final String FORMAT = "1";
    /// Other servers may be writing into the same folder; nobody who still does is silent for so long.
    private static final Duration ABANDONED = Duration.ofHours(1);

    private final ModelPlan plan;
    private final Quantization scheme;
    private final List<QuantizedUnit> units;
    private final Map<String, String> identity;

    private QuantizedStore(ModelPlan plan, Quantization scheme, Checkpoint checkpoint) {
        this.plan = plan;
        this.scheme = scheme;
        this.units = QuantizedUnit.of(plan, scheme, checkpoint);
        this.identity = new LinkedHashMap<>(Map.of("lorikeet", FORMAT, "base", BaseFingerprint.of(plan.folder()), "scheme", scheme.name(),
                "type", plan.type().configName()));
        if (scheme instanceof Int4) {
            try (var rows = new PackedRows(plan.device())) {
                identity.put("packing", rows.name());
            }
        }
    }

    /// @param checkpoint the model's, in full precision @param arena the codes live as long as it does
    static Checkpoint open(ModelPlan plan, Quantization scheme, Checkpoint checkpoint, Arena arena, DoubleConsumer progress) {
        var store = new QuantizedStore(plan, scheme, checkpoint);
        return plan.quantizedFolder().map(folder -> store.onDisk(folder, arena, progress)).orElseGet(() -> store.inMemory(arena, progress));
    }

    private QuantizedFile file() {
        return new QuantizedFile(units.stream().flatMap(unit -> unit.slots(plan.type()).stream()).toList(), identity);
    }

    private Checkpoint onDisk(Path folder, Arena arena, DoubleConsumer progress) {
        String packing = identity.containsKey("packing") ? "-" + identity.get("packing") : "";
        var path = folder.resolve(identity.get("base").substring(0, 32) + "-" + scheme.name() + "-" + plan.type().configName() + packing + ".safetensors");
        if (Files.exists(path)) {
            try {
                return read(path, arena);
            } catch (BadFileException e) {
                LOG.warnf("the quantised weights kept in %s are made anew: %s", path, e.getMessage());
            }
        }
        try {
            Files.createDirectories(folder);
            AtomicFile.sweepOlder(folder, Instant.now().minus(ABANDONED));
            file().write(path, sink -> fill(sink, progress));
            return read(path, arena);
        } catch (IOException | UncheckedIOException e) {
            LOG.warnf("quantised weights could not be kept in %s (%s): they are made in memory, and again at the next load; make room there, or point --data elsewhere",
                    folder, e.getMessage());
            return inMemory(arena, progress);
        }
    }

    private Checkpoint read(Path path, Arena arena) {
        // Of its own first: a file that is given up must not stay mapped.
        try (var trial = Arena.ofConfined()) {
            var differences = file().differences(SafetensorsFile.open(path, trial));
            if (!differences.isEmpty()) {
                throw new BadFileException(path, String.join(", ", differences));
            }
        }
        return Checkpoint.of(path, SafetensorsFile.open(path, arena));
    }

    private Checkpoint inMemory(Arena arena, DoubleConsumer progress) {
        try {
            return Checkpoint.of(plan.folder(), SafetensorsFile.of(plan.folder(), file().make(arena, sink -> fill(sink, progress))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Matrix by matrix. Each time the checkpoint is mapped anew, so that what was read of it does not stay in memory.
    private void fill(QuantizedFile.Sink sink, DoubleConsumer progress) throws IOException {
        try (var quantizer = new Quantizer(plan.device(), scheme, plan.type())) {
            for (int i = 0; i < units.size(); i++) {
                try (var mapping = Arena.ofConfined()) {
                    var unit = units.get(i);
                    quantizer.quantize(unit, Checkpoint.open(plan.folder(), mapping).require(unit.source().name()), sink);
                }
                progress.accept((i + 1.0) / units.size());
            }
        }
    }
}
