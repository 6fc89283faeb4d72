package dev.lorikeet.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The `README.md` of an upload that brings none: what it is, upon which base, and how it did.
final class ModelCard {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ModelCard() {}

    static String of(Push push) {
        boolean adapter = Files.exists(push.folder().resolve("adapter_config.json"));
        Optional<String> base = push.base().or(() -> text(push.folder().resolve(adapter ? "adapter_config.json" : "config.json"),
                adapter ? "base_model_name_or_path" : "_name_or_path")).flatMap(ModelCard::named);
        var head = new StringBuilder("---\n");
        base.filter(name -> RepoRef.tryModel(name).isPresent()).ifPresent(name -> head.append("base_model: ").append(name).append('\n'));
        head.append("library_name: ").append(adapter ? "peft" : "transformers").append("\npipeline_tag: text-generation\ntags:\n");
        tags(adapter, base).forEach(tag -> head.append("- ").append(tag).append('\n'));
        return head.append("---\n\n# ").append(push.repo().id().name()).append("\n\n").append(body(push, adapter, base)).toString();
    }

    /// Sorted, as PEFT writes them.
    private static TreeSet<String> tags(boolean adapter, Optional<String> base) {
        var tags = new TreeSet<>(adapter ? List.of("lora", "lorikeet") : List.of("lorikeet"));
        base.filter(name -> RepoRef.tryModel(name).isPresent()).ifPresent(name -> tags.add("base_model:" + (adapter ? "adapter:" : "finetune:") + name));
        return tags;
    }

    private static String body(Push push, boolean adapter, Optional<String> base) {
        var text = new StringBuilder(adapter ? "A LoRA adapter" : "A language model").append(base.map(name -> " for `" + name + "`").orElse(""))
                .append(", made with Lorikeet.\n");
        if (adapter) {
            Path config = push.folder().resolve("adapter_config.json");
            text.append("\nRank ").append(text(config, "r").orElse("unknown")).append(", alpha ").append(text(config, "lora_alpha").orElse("unknown")).append(".\n");
        }
        if (!push.metrics().isEmpty()) {
            text.append("\n| Metric | Value |\n|---|---|\n");
            push.metrics().forEach((name, value) -> text.append("| ").append(name.replace("|", "\\|")).append(" | ").append(value).append(" |\n"));
        }
        return text.toString();
    }

    /// A name on the hub as it is; of a folder its name and a hash of its configuration, since a path tells others nothing.
    private static Optional<String> named(String base) {
        if (RepoRef.tryModel(base).isPresent() && !Files.isDirectory(Path.of(base))) {
            return Optional.of(base);
        }
        Path folder = Path.of(base).toAbsolutePath().normalize();
        if (folder.getFileName() == null) {
            return Optional.empty();
        }
        String snapshot = folder.toString().replace('\\', '/');
        var cached = java.util.regex.Pattern.compile(".*/models--([^/]+?)--([^/]+)/snapshots/[0-9a-f]{40}").matcher(snapshot);
        if (cached.matches()) {
            return Optional.of(cached.group(1) + "/" + cached.group(2));
        }
        return Optional.of(folder.getFileName() + contentHash(folder).map(hash -> "@" + hash).orElse(""));
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

    private static Optional<String> text(Path file, String field) {
        try {
            JsonNode value = Files.exists(file) ? JSON.readTree(file.toFile()).path(field) : JSON.nullNode();
            return Optional.of(value.asText("")).filter(text -> !text.isBlank() && !text.equals("null"));
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
