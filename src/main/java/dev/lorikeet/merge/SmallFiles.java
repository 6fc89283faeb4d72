package dev.lorikeet.merge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/// The files of a checkpoint beside its weights: taken from the base, or from the adapter where it brings its own.
record SmallFiles(Path model, Path adapter, Path out) {
    private static final String TEMPLATE = "chat_template.jinja";
    private static final String TOKENIZER_CONFIG = "tokenizer_config.json";
    private static final List<String> EITHER = List.of("tokenizer.json", TOKENIZER_CONFIG, "special_tokens_map.json", "added_tokens.json", "vocab.json",
            "merges.txt", "tokenizer.model", TEMPLATE, "generation_config.json");
    private static final List<String> LICENCES = List.of("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "NOTICE", "NOTICE.txt", "USE_POLICY.md");

    void copy() throws IOException {
        for (String name : EITHER) {
            if (Files.isRegularFile(adapter.resolve(name))) {
                copy(adapter, name);
            } else if (!name.equals(TEMPLATE) || !adapterTemplateIsInItsConfig()) {
                copy(model, name);
            }
        }
        for (String name : LICENCES) {
            copy(model, name);
        }
    }

    /// A template in a file of its own counts before one in `tokenizer_config.json`; so the base's file must not hide the adapter's.
    private boolean adapterTemplateIsInItsConfig() {
        var file = adapter.resolve(TOKENIZER_CONFIG);
        return Files.isRegularFile(file) && JsonFile.read(file).root().hasNonNull("chat_template");
    }

    private void copy(Path from, String name) throws IOException {
        if (Files.isRegularFile(from.resolve(name))) {
            Files.copy(from.resolve(name), out.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /// @param fields switches to be changed; without any the file stays as it is, byte by byte
    void writeConfig(Map<String, Boolean> fields) throws IOException {
        if (fields.isEmpty()) {
            copy(model, "config.json");
            return;
        }
        var config = (ObjectNode) JsonFile.read(model.resolve("config.json")).root().deepCopy();
        fields.forEach(config::put);
        Files.writeString(out.resolve("config.json"), config.toPrettyString() + "\n");
    }
}
