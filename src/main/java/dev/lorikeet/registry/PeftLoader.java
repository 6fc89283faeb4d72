package dev.lorikeet.registry;

import dev.lorikeet.adapter.Adapter;
import dev.lorikeet.adapter.AdapterMetadata;
import dev.lorikeet.adapter.AdapterReader;
import dev.lorikeet.adapter.AdapterRefusal;
import dev.lorikeet.adapter.PeftConfig;
import dev.lorikeet.catalog.ModelLease;
import dev.lorikeet.catalog.QuantizedId;
import dev.lorikeet.chat.AdaptedText;
import dev.lorikeet.chat.TextModel;
import dev.lorikeet.model.BaseFingerprint;
import dev.lorikeet.model.SafetensorsFile;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.Sha256;
import dev.lorikeet.tensor.TensorDevice;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// Loads folders in PEFT's layout.
public final class PeftLoader implements AdapterLoader {
    private static final String CONFIG = "adapter_config.json";
    private static final String WEIGHTS = "adapter_model.safetensors";

    /// Of the bases, by their folders: weights are frozen.
    private final Map<Path, String> fingerprints = new ConcurrentHashMap<>();

    @Override
    public long bytesNeeded(Path folder, ModelLease base) {
        return refusing(() -> {
            PeftConfig.read(folder);
            var file = folder.resolve(WEIGHTS);
            if (!Files.isRegularFile(file)) {
                // The reader knows best why that is.
                return 0L;
            }
            try (var arena = Arena.ofConfined()) {
                long elements = SafetensorsFile.open(file, arena).tensors().values().stream().mapToLong(SafetensorsFile.Entry::elements).sum();
                return elements * base.weights().plan().type().bytes();
            }
        });
    }

    @Override
    public Loaded load(Path folder, ModelLease base) {
        return refusing(() -> {
            var metadata = AdapterMetadata.read(folder);
            var adapter = AdapterReader.read(folder, base.weights());
            try {
                var text = base.model().adapted(folder, ends(metadata, folder, base.model()));
                try {
                    var facts = new Facts(adapter.rank(), adapter.bytes(), sha256(folder), warnings(folder, metadata, base, text));
                    return new Loaded(adapter, adapter, text, facts);
                } catch (RuntimeException | Error e) {
                    text.close();
                    throw e;
                }
            } catch (RuntimeException | Error e) {
                adapter.close();
                throw e;
            }
        });
    }

    private static LinkedHashSet<Integer> ends(AdapterMetadata metadata, Path folder, TextModel base) {
        var ends = new LinkedHashSet<>(metadata.endTokenIds());
        ends.stream().filter(id -> id >= base.embeddingRows()).findFirst().ifPresent(id -> {
            throw new AdapterException.Refused(folder.resolve(AdapterMetadata.FILE) + ": `end_token_ids` has " + id + ", but the base has the ids 0 to "
                    + (base.embeddingRows() - 1));
        });
        return ends;
    }

    private static String sha256(Path folder) {
        var hash = new Sha256().add(folder.resolve(CONFIG)).add(folder.resolve(WEIGHTS));
        if (Files.exists(folder.resolve(AdapterMetadata.FILE))) {
            hash.add(folder.resolve(AdapterMetadata.FILE));
        }
        return hash.hex();
    }

    private List<String> warnings(Path folder, AdapterMetadata metadata, ModelLease base, AdaptedText text) {
        var warnings = new ArrayList<String>();
        boolean proven = metadata.baseSha256().isPresent() && metadata.baseSha256().get().equals(fingerprint(base));
        if (metadata.baseSha256().isPresent() && !proven) {
            warnings.add("it was trained on other weights than those of `" + base.entry().id() + "`: base_sha256 differs");
        }
        String stated = statedBase(folder);
        // peft names the checkpoint, in however few bits it was loaded.
        String checkpoint = QuantizedId.parse(base.entry().id()).map(QuantizedId::base).orElse(base.entry().id());
        if (!proven && !stated.isEmpty() && !List.of(base.entry().id(), checkpoint).contains(stated)) {
            warnings.add("base_model_name_or_path says `" + stated + "`, but the base is `" + base.entry().id() + "`");
        }
        if (text.ownTokenizer()) {
            warnings.add("it brings a tokenizer that differs from the base's, and uses it");
        }
        if (text.ownTemplate()) {
            warnings.add("it brings a chat template that differs from the base's, and uses it");
        }
        metadata.templateSha256().filter(trained -> !trained.equals(text.model().templateSha256()))
                .ifPresent(_ -> warnings.add("it was trained with another chat template than the one it is served with: template_sha256 differs"));
        return warnings;
    }

    private String fingerprint(ModelLease base) {
        return fingerprints.computeIfAbsent(base.entry().folder(), BaseFingerprint::of);
    }

    @Override
    public String statedBase(Path folder) {
        Optional<String> stated = refusing(() -> PeftConfig.read(folder).baseModel());
        return stated.map(name -> name.replaceAll("[/\\\\]+$", "")).map(name -> name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1))
                .orElse("");
    }

    @Override
    public Loaded copy(Loaded loaded, boolean toHost, ModelLease base) {
        var device = toHost ? new TensorDevice.Cpu() : base.weights().plan().device();
        var copy = ((Adapter) loaded.adapter()).copyTo(device, base.weights().script());
        return new Loaded(copy, copy, loaded.text(), loaded.facts());
    }

    private static <T> T refusing(Supplier<T> step) {
        try {
            return step.get();
        } catch (AdapterRefusal | BadFileException e) {
            throw new AdapterException.Refused(e.getMessage());
        }
    }
}
