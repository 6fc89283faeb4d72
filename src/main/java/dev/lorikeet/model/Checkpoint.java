package dev.lorikeet.model;

import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.JsonFile;
import dev.lorikeet.tensor.ElementType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The weights of a Hugging Face folder: `model.safetensors`, or the shards that `model.safetensors.index.json` lists.
public final class Checkpoint {
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    private final Path folder;
    private final Map<String, SafetensorsFile.Entry> tensors = new LinkedHashMap<>();
    private final Map<String, SafetensorsFile.Codes> codes = new LinkedHashMap<>();
    private final Map<String, String> unsupported = new LinkedHashMap<>();
    private final Map<String, String> aliases = new LinkedHashMap<>();

    private Checkpoint(Path folder) {
        this.folder = folder;
    }

    /// The safetensors files of a folder, without opening them.
    ///
    /// @throws BadFileException when there are none, or a shard is missing, or only pickles are there
    public static List<Path> files(Path folder) {
        if (Files.isRegularFile(folder.resolve(SINGLE))) {
            return List.of(folder.resolve(SINGLE));
        }
        var index = folder.resolve(INDEX);
        if (!Files.isRegularFile(index)) {
            throw missing(folder);
        }
        var files = shards(index).stream().map(folder::resolve).toList();
        files.stream().filter(file -> !Files.isRegularFile(file)).findFirst().ifPresent(file -> {
            throw new BadFileException(file, "this shard is listed in " + INDEX + " but is missing; download the model again");
        });
        return files;
    }

    private static Set<String> shards(Path index) {
        var map = JsonFile.read(index).at("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new BadFileException(index, "`weight_map` is missing or empty");
        }
        var names = new LinkedHashSet<String>();
        map.forEach(name -> names.add(name.asText()));
        for (String name : names) {
            if (name.contains("/") || name.contains("\\") || !name.endsWith(".safetensors")) {
                throw new BadFileException(index, "`weight_map` names `" + name + "`, which is not a safetensors file of this folder");
            }
        }
        return names;
    }

    private static BadFileException missing(Path folder) {
        try (var files = Files.list(folder)) {
            var pickle = files.filter(file -> file.getFileName().toString().matches(".*\\.(bin|pt|pth|ckpt)")).min(Path::compareTo);
            return pickle.map(file -> new BadFileException(file,
                            "is a pickle, which can run code when it is read and is never loaded here; convert the weights to safetensors"))
                    .orElseGet(() -> new BadFileException(folder, "has neither " + SINGLE + " nor " + INDEX));
        } catch (IOException e) {
            return new BadFileException(folder, "cannot be listed: " + e.getMessage(), e);
        }
    }

    /// Maps all files of the folder.
    public static Checkpoint open(Path folder, Arena arena) {
        var checkpoint = new Checkpoint(folder);
        for (Path file : files(folder)) {
            var shard = SafetensorsFile.open(file, arena);
            checkpoint.tensors.putAll(shard.tensors());
            checkpoint.codes.putAll(shard.codes());
            checkpoint.unsupported.putAll(shard.unsupported());
            checkpoint.aliases.putAll(shard.metadata());
        }
        return checkpoint;
    }

    public Path folder() {
        return folder;
    }

    public long parameters() {
        return tensors.values().stream().mapToLong(SafetensorsFile.Entry::elements).sum();
    }

    public Set<String> names() {
        return tensors.keySet();
    }

    /// A tensor of single bytes: the codes of a quantised one, or its notes.
    Optional<SafetensorsFile.Codes> codes(String name) {
        return Optional.ofNullable(codes.get(name));
    }

    /// A tensor by its name, or by the name under which `save_pretrained` dropped it as a duplicate of another.
    ///
    /// @throws BadFileException when it is there, but of a type that cannot be computed with
    public Optional<SafetensorsFile.Entry> find(String name) {
        return stored(name).or(() -> Optional.ofNullable(aliases.get(name)).flatMap(this::stored));
    }

    private Optional<SafetensorsFile.Entry> stored(String name) {
        if (unsupported.containsKey(name) && !tensors.containsKey(name)) {
            throw new BadFileException(folder, "the tensor `" + name + "` has the type " + unsupported.get(name) + ", which is not supported (supported: "
                    + Arrays.stream(ElementType.values()).map(ElementType::safetensorsName).collect(Collectors.joining(", ")) + ")");
        }
        return Optional.ofNullable(tensors.get(name));
    }

    /// @throws BadFileException naming the tensor
    public SafetensorsFile.Entry require(String name) {
        return find(name).orElseThrow(() -> new BadFileException(folder, "the tensor `" + name + "` is missing; the checkpoint has "
                + tensors.keySet().stream().limit(6).collect(Collectors.joining(", ")) + " …"));
    }
}
