package dev.lorikeet.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// How others are told of the base of an upload: by its name on the hub or, of a folder, by the folder's name and a hash of its configuration.
/// Never by a path, which tells others nothing about the model and something about the machine.
///
/// @param folder empty if the base is on the hub @param hash of the folder's content, if it is there
record BaseName(Optional<String> onHub, String folder, Optional<String> hash) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern CACHED = Pattern.compile(".*/models--([^/]+?)--([^/]+)/snapshots/[0-9a-f]{40}");

    /// @return empty if the folder does not say what it was made from
    static Optional<BaseName> of(Push push) {
        boolean adapter = Files.exists(push.folder().resolve(Needs.Adapter.CONFIG));
        return push.base().or(() -> text(push.folder().resolve(adapter ? Needs.Adapter.CONFIG : "config.json"), adapter ? "base_model_name_or_path" : "_name_or_path"))
                .flatMap(BaseName::of);
    }

    private static Optional<BaseName> of(String base) {
        if (RepoRef.tryModel(base).isPresent() && !Files.isDirectory(Path.of(base))) {
            return Optional.of(new BaseName(Optional.of(base), "", Optional.empty()));
        }
        Path folder = Path.of(base).toAbsolutePath().normalize();
        if (folder.getFileName() == null) {
            return Optional.empty();
        }
        var cached = CACHED.matcher(folder.toString().replace('\\', '/'));
        return Optional.of(cached.matches() ? new BaseName(Optional.of(cached.group(1) + "/" + cached.group(2)), "", Optional.empty())
                : new BaseName(Optional.empty(), folder.getFileName().toString(), contentHash(folder)));
    }

    /// For people.
    String shown() {
        return onHub.orElseGet(() -> folder + hash.map(digits -> "@" + digits).orElse(""));
    }

    /// For programs that load it by this name, from the hub or from a folder of their own.
    String loadable() {
        return onHub.orElse(folder);
    }

    /// Of the small files that make a base what it is, and of the sizes of its weights.
    private static Optional<String> contentHash(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(folder)) {
            var hash = new Sha256();
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".safetensors")) {
                    hash.add((name + " " + Files.size(file) + "\n").getBytes(StandardCharsets.UTF_8));
                } else if (name.endsWith(".json")) {
                    hash.add((name + " " + Sha256.of(file) + "\n").getBytes(StandardCharsets.UTF_8));
                }
            }
            return Optional.of(hash.hex().substring(0, 12));
        } catch (IOException | BadFileException _) {
            return Optional.empty();
        }
    }

    /// A field of a JSON file, if it is there and says something.
    static Optional<String> text(Path file, String field) {
        try {
            JsonNode value = Files.exists(file) ? JSON.readTree(file.toFile()).path(field) : JSON.nullNode();
            return Optional.of(value.asText("")).filter(text -> !text.isBlank() && !text.equals("null"));
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
