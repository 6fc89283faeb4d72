package dev.lorikeet.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.lorikeet.store.Sha256;
import dev.lorikeet.store.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// A training as a YAML file describes it: the fields of a job beside the options that the API has in its `lorikeet` object. Files are
/// named relative to the recipe.
///
/// @param model an id of a running server, or a folder @param job the body of the request, without model and files
public record Recipe(Path file, Optional<String> model, Rows trainingFile, Optional<Rows> validationFile, ObjectNode job) {
    private static final Set<String> JOB = Set.of("suffix", "metadata", "method", "hyperparameters", "integrations");
    private static final YAMLMapper YAML = new YAMLMapper();

    /// @throws IllegalArgumentException with what is wrong and where
    public static Recipe read(Path file) {
        JsonNode root;
        try {
            root = YAML.readTree(file.toFile());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + " is not YAML: " + e.getOriginalMessage() + at(e), e);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
        if (root == null || !root.isObject()) {
            throw new IllegalArgumentException(file + " must hold keys and values, such as `training_file: rows.jsonl`");
        }
        var job = JsonNodeFactory.instance.objectNode();
        var options = job.putObject("lorikeet");
        for (var entry : root.properties()) {
            switch (entry.getKey()) {
                case "model", "training_file", "validation_file" -> { }
                case String key when JOB.contains(key) -> job.set(key, entry.getValue());
                case String key -> options.set(key, entry.getValue());
            }
        }
        var training = rows(file, root, "training_file").orElseThrow(() -> new IllegalArgumentException(file + ": `training_file` is missing"));
        return new Recipe(file, text(file, root, "model"), training, rows(file, root, "validation_file"), job);
    }

    private static String at(JsonProcessingException e) {
        return e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
    }

    private static Optional<String> text(Path file, JsonNode root, String key) {
        JsonNode value = root.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw new IllegalArgumentException(file + ": `" + key + "` is " + value + "; it must be a text");
        }
        return Optional.of(value.textValue());
    }

    /// A file, or a data set of the hub.
    public record Rows(String name, Optional<Path> file) {}

    private static Optional<Rows> rows(Path file, JsonNode root, String key) {
        return text(file, root, key).map(name -> {
            if (name.indexOf('/') > 0 && !StoredFile.ROWS.contains(StoredFile.extension(name))) {
                return new Rows(name, Optional.empty());
            }
            Path rows = file.toAbsolutePath().getParent().resolve(name);
            if (!Files.isRegularFile(rows)) {
                throw new IllegalArgumentException(file + ": `" + key + "` is " + name + ", and there is no file " + rows);
            }
            return new Rows(name, Optional.of(rows));
        });
    }

    /// Tells this recipe with these rows on this model from every other.
    public String sha256(String onModel) {
        var hash = new Sha256().add(file).add(onModel.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        trainingFile.file().ifPresent(hash::add);
        validationFile.flatMap(Rows::file).ifPresent(hash::add);
        return hash.hex();
    }
}
