package dev.lorikeet.training;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoublePredicate;

/// Reads options under the names that PEFT and TRL give them. What has the wrong type or is out of range is refused by name; an option
/// that is absent or null has its default.
record OptionReader(JsonNode options) {

    /// @throws TrainingRefusal naming the first key that is not in `known`
    void requireKnown(java.util.Set<String> known) {
        for (var field : options.properties()) {
            if (!known.contains(field.getKey())) {
                throw new TrainingRefusal(field.getKey(), "is not an option of training here, and options are never ignored (known: "
                        + String.join(", ", known.stream().sorted().toList()) + ")");
            }
        }
    }

    boolean has(String key) {
        return !options.path(key).isMissingNode() && !options.path(key).isNull();
    }

    private static TrainingRefusal refusal(String key, JsonNode value, String rule) {
        String shown = value.toString();
        return new TrainingRefusal(key, "is " + (shown.length() > 80 ? shown.substring(0, 80) + "…" : shown) + "; it must be " + rule);
    }

    double number(String key, double absent, DoublePredicate inRange, String rule) {
        var node = options.path(key);
        if (!has(key)) {
            return absent;
        }
        if (!node.isNumber() || !Double.isFinite(node.doubleValue()) || !inRange.test(node.doubleValue())) {
            throw refusal(key, node, rule);
        }
        return node.doubleValue();
    }

    int integer(String key, int absent, int min) {
        var node = options.path(key);
        if (!has(key)) {
            return absent;
        }
        if (!node.isNumber() || node.doubleValue() != Math.rint(node.doubleValue()) || !node.canConvertToInt() || node.intValue() < min) {
            throw refusal(key, node, "an integer ≥ " + min);
        }
        return node.intValue();
    }

    boolean bool(String key, boolean absent) {
        var node = options.path(key);
        if (!has(key)) {
            return absent;
        }
        if (!node.isBoolean()) {
            throw refusal(key, node, "true or false");
        }
        return node.booleanValue();
    }

    Optional<Boolean> optionalBool(String key) {
        return has(key) ? Optional.of(bool(key, false)) : Optional.empty();
    }

    <T> T choice(String key, T absent, Map<String, T> choices) {
        var node = options.path(key);
        if (!has(key)) {
            return absent;
        }
        var choice = choices.get(node.isTextual() ? node.textValue() : node.toString());
        if (choice == null) {
            throw refusal(key, node, "one of " + String.join(", ", choices.keySet().stream().sorted().toList()));
        }
        return choice;
    }

    /// A list of words, or one word alone.
    List<String> words(String key) {
        var node = options.path(key);
        var words = new ArrayList<String>();
        if (!has(key)) {
            return words;
        }
        if (node.isTextual()) {
            words.add(node.textValue());
        } else if (node.isArray()) {
            node.forEach(word -> words.add(word.textValue()));
        }
        if (words.isEmpty() || words.stream().anyMatch(word -> word == null || word.isBlank())) {
            throw refusal(key, node, "a list of names");
        }
        return words;
    }

    JsonNode node(String key) {
        return options.path(key);
    }
}
