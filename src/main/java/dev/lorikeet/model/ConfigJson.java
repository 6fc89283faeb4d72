package dev.lorikeet.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// `config.json` (or an object in it), read with errors that name the file and the field. A `null` counts as absent.
public final class ConfigJson {
    private final Path file;
    private final String prefix;
    private final JsonNode node;

    private ConfigJson(Path file, String prefix, JsonNode node) {
        this.file = file;
        this.prefix = prefix;
        this.node = node;
    }

    /// @throws BadFileException if the file is missing, unreadable or not a JSON object
    public static ConfigJson read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadFileException(file, "this file is missing; a model folder needs it");
        }
        return new ConfigJson(file, "", JsonFile.read(file).root());
    }

    public Path file() {
        return file;
    }

    public boolean has(String field) {
        return node.hasNonNull(field);
    }

    /// Whether the field is there and neither null, false nor zero.
    public boolean isSet(String field) {
        return has(field) && !(node.get(field).isBoolean() && !node.get(field).booleanValue())
                && !(node.get(field).isNumber() && node.get(field).doubleValue() == 0);
    }

    public int positiveInt(String field) {
        var value = value(field);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
            throw bad(field, "must be a positive integer, but is " + value);
        }
        return value.intValue();
    }

    public int positiveInt(String field, int absent) {
        return has(field) ? positiveInt(field) : absent;
    }

    public double number(String field) {
        var value = value(field);
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw bad(field, "must be a number, but is " + value);
        }
        return value.doubleValue();
    }

    public double number(String field, double absent) {
        return has(field) ? number(field) : absent;
    }

    public OptionalDouble optionalNumber(String field) {
        return has(field) ? OptionalDouble.of(number(field)) : OptionalDouble.empty();
    }

    public boolean flag(String field, boolean absent) {
        if (!has(field)) {
            return absent;
        }
        var value = value(field);
        if (!value.isBoolean()) {
            throw bad(field, "must be true or false, but is " + value);
        }
        return value.booleanValue();
    }

    public String text(String field) {
        var value = value(field);
        if (!value.isTextual()) {
            throw bad(field, "must be a string, but is " + value);
        }
        return value.textValue();
    }

    public Optional<String> optionalText(String field) {
        return has(field) ? Optional.of(text(field)) : Optional.empty();
    }

    public List<String> texts(String field) {
        var value = value(field);
        if (!value.isArray()) {
            throw bad(field, "must be an array of strings, but is " + value);
        }
        var texts = new ArrayList<String>();
        value.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    public Optional<ConfigJson> object(String field) {
        if (!has(field)) {
            return Optional.empty();
        }
        var value = value(field);
        if (!value.isObject()) {
            throw bad(field, "must be an object, but is " + value);
        }
        return Optional.of(new ConfigJson(file, prefix + field + ".", value));
    }

    /// An error about this field, for the caller to throw.
    public BadFileException bad(String field, String message) {
        return new BadFileException(file, "`" + prefix + field + "` " + message);
    }

    private JsonNode value(String field) {
        if (!has(field)) {
            throw bad(field, "is missing");
        }
        return node.get(field);
    }
}
