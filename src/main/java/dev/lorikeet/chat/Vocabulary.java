package dev.lorikeet.chat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.store.JsonFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/// Ids and names of all tokens in `tokenizer.json`: the model's vocabulary and the added tokens, which take precedence.
final class Vocabulary {
    private final String[] tokens;
    private final boolean[] special;
    private final Map<String, Integer> addedIds = new HashMap<>();
    private final Map<String, Integer> modelIds;
    private final List<AddedToken> added;

    private Vocabulary(Map<String, Integer> modelIds, List<AddedToken> added) {
        this.modelIds = modelIds;
        this.added = List.copyOf(added);
        int size = 0;
        for (int id : modelIds.values()) {
            size = Math.max(size, id + 1);
        }
        for (AddedToken token : added) {
            size = Math.max(size, token.id() + 1);
        }
        tokens = new String[size];
        special = new boolean[size];
        modelIds.forEach((token, id) -> tokens[id] = token);
        for (AddedToken token : added) {
            addedIds.put(token.content(), token.id());
            tokens[token.id()] = token.name();
            special[token.id()] = token.special();
        }
    }

    static Vocabulary of(JsonFile tokenizer) {
        Map<String, Integer> model = modelVocabulary(tokenizer);
        return new Vocabulary(model, addedTokens(tokenizer, model));
    }

    private static Map<String, Integer> modelVocabulary(JsonFile tokenizer) {
        JsonNode vocab = tokenizer.at("model.vocab");
        Map<String, Integer> ids = HashMap.newHashMap(vocab.size());
        if (vocab.isObject()) {
            vocab.properties().forEach(entry -> {
                if (!entry.getValue().canConvertToInt() || entry.getValue().intValue() < 0) {
                    throw tokenizer.bad("model.vocab", "gives token " + entry.getKey() + " the id " + entry.getValue());
                }
                ids.put(entry.getKey(), entry.getValue().intValue());
            });
        } else if (vocab.isArray()) {
            for (int i = 0; i < vocab.size(); i++) {
                ids.put(vocab.get(i).path(0).asText(), i);
            }
        } else {
            throw tokenizer.bad("model.vocab", "is missing: this is no tokenizer.json of the tokenizers library");
        }
        int limit = 64 * 1024 * 1024;
        if (ids.values().stream().anyMatch(id -> id >= limit)) {
            throw tokenizer.bad("model.vocab", "has an id above " + limit);
        }
        return ids;
    }

    // The library numbers an added token that the model's vocabulary lacks by itself, whatever "id" the file gives it.
    private static List<AddedToken> addedTokens(JsonFile tokenizer, Map<String, Integer> model) {
        Map<String, AddedToken> added = new LinkedHashMap<>();
        JsonNode normalizer = tokenizer.at("normalizer");
        int next = model.size();
        for (JsonNode node : tokenizer.at("added_tokens")) {
            String content = node.path("content").asText();
            if (content.isEmpty()) {
                continue;
            }
            AddedToken earlier = added.get(content);
            int id = earlier != null ? earlier.id() : model.containsKey(content) ? model.get(content) : next;
            next = Math.max(next, id + 1);
            boolean normalized = node.path("normalized").asBoolean(true);
            String name = normalized ? normalized(content, normalizer) : content;
            added.put(content, new AddedToken(id, content, name, normalized, node.path("special").asBoolean(false)));
        }
        return new ArrayList<>(added.values());
    }

    // The SentencePiece normalisers. With others (lower-casing, Unicode forms) a token is called what the file calls it.
    private static String normalized(String content, JsonNode normalizer) {
        return switch (normalizer.path("type").asText()) {
            case "Sequence" -> {
                String text = content;
                for (JsonNode part : normalizer.path("normalizers")) {
                    text = normalized(text, part);
                }
                yield text;
            }
            case "Prepend" -> normalizer.path("prepend").asText() + content;
            case "Replace" -> {
                String pattern = normalizer.path("pattern").path("String").asText();
                yield pattern.isEmpty() ? content : content.replace(pattern, normalizer.path("content").asText());
            }
            default -> content;
        };
    }

    /// The token for what the vocabulary cannot write.
    OptionalInt unknownId(JsonFile tokenizer) {
        OptionalInt byNumber = tokenizer.integer("model.unk_id", 0);
        return byNumber.isPresent() ? byNumber : tokenizer.string("model.unk_token").map(this::id).orElse(OptionalInt.empty());
    }

    /// Largest id + 1.
    int size() {
        return tokens.length;
    }

    /// Characters of the longest name: no token stands for more of a text from which nothing is dropped.
    int longest() {
        return Arrays.stream(tokens).filter(Objects::nonNull).mapToInt(String::length).max().orElse(1);
    }

    List<AddedToken> added() {
        return added;
    }

    /// The token's name, or empty for an id that names nothing.
    Optional<String> token(int id) {
        return id < 0 || id >= tokens.length ? Optional.empty() : Optional.ofNullable(tokens[id]);
    }

    boolean isSpecial(int id) {
        return id >= 0 && id < special.length && special[id];
    }

    OptionalInt id(String token) {
        Integer id = addedIds.getOrDefault(token, modelIds.get(token));
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
