package dev.lorikeet.chat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.store.JsonFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The tokens that `tokenizer_config.json` and `special_tokens_map.json` give a role: `bos_token`, `eos_token` and so on.
///
/// @param roles role to token text, for the roles that `transformers` hands to chat templates
/// @param others further special tokens, without a role
record NamedTokens(Map<String, String> roles, Set<String> others) {
    private static final List<String> ROLES = List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    static NamedTokens of(Path folder) {
        Map<String, String> roles = new LinkedHashMap<>();
        Set<String> others = new LinkedHashSet<>();
        for (String name : List.of("tokenizer_config.json", "special_tokens_map.json")) {
            JsonFile.readIfPresent(folder.resolve(name)).ifPresent(file -> {
                for (String role : ROLES) {
                    text(file.at(role)).ifPresent(token -> roles.putIfAbsent(role, token));
                }
                for (String list : List.of("additional_special_tokens", "extra_special_tokens")) {
                    file.at(list).forEach(token -> text(token).ifPresent(others::add));
                }
            });
        }
        return new NamedTokens(roles, others);
    }

    Optional<String> bos() {
        return Optional.ofNullable(roles.get("bos_token"));
    }

    Optional<String> eos() {
        return Optional.ofNullable(roles.get("eos_token"));
    }

    Set<String> all() {
        Set<String> all = new LinkedHashSet<>(others);
        all.addAll(roles.values());
        return all;
    }

    private static Optional<String> text(JsonNode token) {
        JsonNode text = token.isObject() ? token.path("content") : token;
        return text.isTextual() && !text.textValue().isEmpty() ? Optional.of(text.textValue()) : Optional.empty();
    }
}
