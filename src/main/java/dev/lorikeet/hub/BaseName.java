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
sealed interface BaseName {
    ObjectMapper JSON = new ObjectMapper();
    Pattern CACHED = Pattern.compile(".*/models--([^/]+?)--([^/]+)/snapshots/[0-9a-f]{40}");

    /// For people.
    String shown();

    /// For programs that load it by this name, from the hub or from a folder of their own.
    String loadable();

    /// As the hub links to it.
    Optional<String> onHub();

    /// @param loadable `owner/name`
    record OnHub(String loadable) implements BaseName {
        @Override
        public String shown() {
            return loadable;
        }

        @Override
        public Optional<String> onHub() {
            return Optional.of(loadable);
        }
    }

    record Folder(Path path) implements BaseName {
        @Override
        public String shown() {
            return loadable() + contentHash().map(digits -> "@" + digits).orElse("");
        }

        @Override
        public String loadable() {
            return path.getFileName().toString();
        }

        @Override
        public Optional<String> onHub() {
            return Optional.empty();
        }

        /// Of the small files that make a base what it is, and of the sizes of its weights; empty if they are not here.
        private Optional<String> contentHash() {
            if (!Files.isDirectory(path)) {
                return Optional.empty();
            }
            try (Stream<Path> files = Files.list(path)) {
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
    }

    /// @return empty if the folder does not say what it was made from
    static Optional<BaseName> of(Push push) {
        boolean adapter = Files.exists(push.folder().resolve(Needs.Adapter.CONFIG));
        return push.base().or(() -> text(push.folder().resolve(adapter ? Needs.Adapter.CONFIG : "config.json"), adapter ? Needs.Adapter.BASE : "_name_or_path"))
                .flatMap(BaseName::of);
    }

    private static Optional<BaseName> of(String base) {
        if (RepoRef.tryModel(base).isPresent() && !Files.isDirectory(Path.of(base))) {
            return Optional.of(new OnHub(base));
        }
        Path folder = Path.of(base).toAbsolutePath().normalize();
        if (folder.getFileName() == null) {
            return Optional.empty();
        }
        var cached = CACHED.matcher(folder.toString().replace('\\', '/'));
        return Optional.of(cached.matches() ? new OnHub(cached.group(1) + "/" + cached.group(2)) : new Folder(folder));
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
