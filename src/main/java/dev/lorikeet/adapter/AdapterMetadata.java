package dev.lorikeet.adapter;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.model.Quantization;
import dev.lorikeet.store.JsonFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `lorikeet.json`, a file of our own beside PEFT's: what an adapter was trained with and serving should know. Every field may be absent.
///
/// @param endTokenIds `end_token_ids`: tokens that end a text besides the base's
/// @param templateSha256 `template_sha256`: of the chat template that rendered its examples
/// @param baseSha256 `base_sha256`: of its base, see [dev.lorikeet.model.BaseFingerprint]
/// @param quantization `quantization`: how its base was quantised, see [Quantization]
public record AdapterMetadata(List<Integer> endTokenIds, Optional<String> templateSha256, Optional<String> baseSha256, Optional<Quantization> quantization) {
    public static final String FILE = "lorikeet.json";

    public AdapterMetadata {
        endTokenIds = List.copyOf(endTokenIds);
    }

    /// What a folder says; empty fields if it has no such file.
    ///
    /// @throws dev.lorikeet.store.BadFileException when the file is there but wrong
    public static AdapterMetadata read(Path folder) {
        return JsonFile.readIfPresent(folder.resolve(FILE))
                .map(file -> new AdapterMetadata(file.integers("end_token_ids", 0), file.string("template_sha256"), file.string("base_sha256"), scheme(file)))
                .orElseGet(() -> new AdapterMetadata(List.of(), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    private static Optional<Quantization> scheme(JsonFile file) {
        try {
            return file.string("quantization").map(Quantization::parse);
        } catch (IllegalArgumentException e) {
            throw file.bad("quantization", "is not known: " + e.getMessage());
        }
    }

    /// The file's contents.
    public byte[] toJson() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("end_token_ids", endTokenIds);
        templateSha256.ifPresent(hash -> fields.put("template_sha256", hash));
        baseSha256.ifPresent(hash -> fields.put("base_sha256", hash));
        quantization.ifPresent(scheme -> fields.put("quantization", scheme.name()));
        return new ObjectMapper().valueToTree(fields).toPrettyString().concat("\n").getBytes(StandardCharsets.UTF_8);
    }
}
