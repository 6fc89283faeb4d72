package dev.lorikeet.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/// Secret names for control tokens, so that nothing a user writes can be one.
///
/// A tokenizer whose control tokens bear these names sees `<end_of_turn>` as thirteen characters. Where the template itself wrote a
/// control token, its secret name is put in its place before encoding: the library then finds it with all its own rules
/// (splitting, stripping, normalising), and the ids are those of the ordinary name.
final class UnforgeableNames {
    private final Map<String, String> names = new HashMap<>();

    /// @param tokens the control tokens' ordinary names
    UnforgeableNames(Set<String> tokens) {
        byte[] secret = new byte[16];
        new SecureRandom().nextBytes(secret);
        String middle = HexFormat.of().formatHex(secret);
        int number = 0;
        for (String token : tokens) {
            // First and last character stay, since neighbours of a token are judged by them (`single_word`).
            int first = token.codePointAt(0);
            int last = token.codePointBefore(token.length());
            names.put(token, Character.toString(first) + middle + 'n' + number++ + 'n' + Character.toString(last));
        }
    }

    String of(String token) {
        return names.get(token);
    }

    boolean covers(String token) {
        return names.containsKey(token);
    }

    /// The same tokenizer with the secret names, without the parts that add tokens of their own accord. Changes `tokenizer`.
    String rename(ObjectNode tokenizer) {
        tokenizer.putNull("truncation").putNull("padding").putNull("post_processor").putNull("decoder");
        for (JsonNode token : tokenizer.withArray("added_tokens")) {
            String secret = names.get(token.path("content").asText());
            if (secret != null) {
                ((ObjectNode) token).put("content", secret);
            }
        }
        ObjectNode model = (ObjectNode) tokenizer.get("model");
        switch (model.get("vocab")) {
            case ObjectNode vocab -> renameKeys(model, vocab);
            case ArrayNode pieces -> renamePieces(pieces);
            default -> throw new IllegalArgumentException("model.vocab is neither an object nor a list");
        }
        String unknown = names.get(model.path("unk_token").asText());
        if (unknown != null) {
            model.put("unk_token", unknown);
        }
        if (model.get("merges") instanceof ArrayNode merges) {
            model.set("merges", withoutNamed(merges));
        }
        return tokenizer.toString();
    }

    private void renameKeys(ObjectNode model, ObjectNode vocab) {
        names.forEach((token, secret) -> {
            JsonNode id = vocab.remove(token);
            if (id != null) {
                vocab.set(secret, id);
            }
        });
        model.set("vocab", vocab);
    }

    private void renamePieces(ArrayNode pieces) {
        for (JsonNode piece : pieces) {
            String secret = names.get(piece.path(0).asText());
            if (secret != null) {
                ((ArrayNode) piece).set(0, TextNode.valueOf(secret));
            }
        }
    }

    // A merge that makes or uses a control token would let the model spell it.
    private ArrayNode withoutNamed(ArrayNode merges) {
        ArrayNode kept = merges.arrayNode(merges.size());
        for (JsonNode merge : merges) {
            String left = merge.isArray() ? merge.path(0).asText() : merge.asText().split(" ", 2)[0];
            String right = merge.isArray() ? merge.path(1).asText() : merge.asText().substring(Math.min(left.length() + 1, merge.asText().length()));
            if (!names.containsKey(left) && !names.containsKey(right) && !names.containsKey(left + right)) {
                kept.add(merge);
            }
        }
        return kept;
    }
}
