package dev.lorikeet.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.DoublePredicate;

/// A JSON object on disk. Each getter checks type and range, and its complaint names the file and the field. A field that
/// is absent or null is empty.
public record JsonFile(Path file, JsonNode root) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Reads a file that must be there.
    public static JsonFile read(Path file) {
        return readIfPresent(file).orElseThrow(() -> new BadFileException(file, "is missing"));
    }

    /// Reads a file that may be absent.
    public static Optional<JsonFile> readIfPresent(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode root = JSON.readTree(file.toFile());
            if (root == null || !root.isObject()) {
                throw new BadFileException(file, "is not a JSON object");
            }
            return Optional.of(new JsonFile(file, root));
        } catch (JsonProcessingException e) {
            throw new BadFileException(file, "is not valid JSON" + fault(e), e);
        } catch (IOException e) {
            throw new BadFileException(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    /// Where the fault is and what, without the parser's own name for what it reads.
    public static String fault(JsonProcessingException e) {
        var at = e.getLocation();
        return (at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")") + ": "
                + e.getOriginalMessage().replaceAll("(?s) \\(start marker at .*\\)", "");
    }

    /// The value at a dotted path such as `text_config.eos_token_id`; missing and null are both a missing node.
    public JsonNode at(String path) {
        JsonNode node = root;
        for (String name : path.split("\\.")) {
            node = node.path(name);
        }
        return node.isNull() ? MissingNode.getInstance() : node;
    }

    public Optional<String> string(String path) {
        JsonNode node = at(path);
        return node.isMissingNode() ? Optional.empty() : Optional.of(check(node.isTextual(), path, node, "a string").textValue());
    }

    public Optional<Boolean> bool(String path) {
        JsonNode node = at(path);
        return node.isMissingNode() ? Optional.empty() : Optional.of(check(node.isBoolean(), path, node, "true or false").booleanValue());
    }

    /// @param rule the range in words, for the message
    public OptionalDouble number(String path, DoublePredicate inRange, String rule) {
        JsonNode node = at(path);
        if (node.isMissingNode()) {
            return OptionalDouble.empty();
        }
        check(node.isNumber() && Double.isFinite(node.doubleValue()) && inRange.test(node.doubleValue()), path, node, "a number " + rule);
        return OptionalDouble.of(node.doubleValue());
    }

    public OptionalInt integer(String path, int min) {
        JsonNode node = at(path);
        return node.isMissingNode() ? OptionalInt.empty() : OptionalInt.of(integer(path, node, min));
    }

    /// One integer or a list of them.
    public List<Integer> integers(String path, int min) {
        JsonNode node = at(path);
        List<Integer> values = new ArrayList<>();
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                values.add(integer(path + "[" + i + "]", node.get(i), min));
            }
        } else if (!node.isMissingNode()) {
            values.add(integer(path, node, min));
        }
        return values;
    }

    /// An exception that names this file and the field.
    public BadFileException bad(String path, String message) {
        return new BadFileException(file, path + " " + message);
    }

    private int integer(String path, JsonNode node, int min) {
        return check(node.isIntegralNumber() && node.canConvertToInt() && node.intValue() >= min, path, node, "an integer ≥ " + min).intValue();
    }

    private JsonNode check(boolean ok, String path, JsonNode node, String rule) {
        if (!ok) {
            String shown = node.toString();
            throw bad(path, "is " + (shown.length() > 80 ? shown.substring(0, 80) + "…" : shown) + "; it must be " + rule);
        }
        return node;
    }
}
