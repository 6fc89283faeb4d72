package dev.lorikeet.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiFunction;

/// Reads the fields of a JSON object and knows the path of each, so that an error names it. A null field counts as absent.
final class Fields {
    static final String INVALID_TYPE = "invalid_type";

    private final JsonNode object;
    private final String path;
    private final Set<String> read = new LinkedHashSet<>();

    Fields(JsonNode object, String path) {
        this.object = object;
        this.path = path;
    }

    static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /// Refuses half of a surrogate pair: no UTF-8 text can hold one.
    static String wellFormed(String text, String path) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw ApiException.invalid(path, "'" + path + "' holds half of a surrogate pair; it is not valid Unicode text.");
            }
        }
        return text;
    }

    String path(String name) {
        return join(path, name);
    }

    String path() {
        return path;
    }

    JsonNode node() {
        return object;
    }

    boolean has(String name) {
        return get(name).isPresent();
    }

    /// The value of a field that is there and not null.
    Optional<JsonNode> get(String name) {
        read.add(name);
        JsonNode node = object.get(name);
        return node == null || node.isNull() ? Optional.empty() : Optional.of(node);
    }

    JsonNode require(String name) {
        return get(name).orElseThrow(() -> ApiException.invalid(path(name), "missing_required_parameter",
                "Missing required parameter: '" + path(name) + "'."));
    }

    /// Names of the fields that nobody has asked for yet.
    Set<String> unread() {
        Set<String> names = new LinkedHashSet<>();
        object.fieldNames().forEachRemaining(names::add);
        names.removeAll(read);
        return names;
    }

    String requireText(String name) {
        return text(require(name), path(name));
    }

    Optional<String> text(String name) {
        return get(name).map(node -> text(node, path(name)));
    }

    boolean flag(String name, boolean otherwise) {
        return optionalFlag(name).orElse(otherwise);
    }

    Optional<Boolean> optionalFlag(String name) {
        return get(name).map(node -> {
            if (!node.isBoolean()) {
                throw wrongType(path(name), "a boolean", node);
            }
            return node.booleanValue();
        });
    }

    OptionalInt integer(String name, int min, int max) {
        return get(name).map(node -> OptionalInt.of(Math.toIntExact(integer(node, path(name), min, max)))).orElse(OptionalInt.empty());
    }

    OptionalLong longInteger(String name) {
        return get(name).map(node -> OptionalLong.of(integer(node, path(name), Long.MIN_VALUE, Long.MAX_VALUE)))
                .orElse(OptionalLong.empty());
    }

    OptionalDouble number(String name, Range range) {
        return get(name).map(node -> OptionalDouble.of(number(node, path(name), range))).orElse(OptionalDouble.empty());
    }

    /// The elements of an array, each read by `element(node, path)`; none if the field is absent.
    <T> List<T> list(String name, BiFunction<JsonNode, String, T> element) {
        return get(name).map(node -> list(node, path(name), element)).orElse(List.of());
    }

    Optional<Fields> object(String name) {
        return get(name).map(node -> object(node, path(name)));
    }

    static Fields object(JsonNode node, String path) {
        if (!node.isObject()) {
            throw wrongType(path, "an object", node);
        }
        return new Fields(node, path);
    }

    static <T> List<T> list(JsonNode node, String path, BiFunction<JsonNode, String, T> element) {
        if (!node.isArray()) {
            throw wrongType(path, "an array", node);
        }
        List<T> values = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            values.add(element.apply(node.get(i), path + "[" + i + "]"));
        }
        return values;
    }

    static String text(JsonNode node, String path) {
        if (!node.isTextual()) {
            throw wrongType(path, "a string", node);
        }
        return wellFormed(node.textValue(), path);
    }

    static long integer(JsonNode node, String path, long min, long max) {
        if (!node.isNumber() || node.isFloatingPointNumber() && !isWhole(node.doubleValue())) {
            throw wrongType(path, "an integer", node);
        }
        boolean fits = node.isIntegralNumber() ? node.canConvertToLong() : Math.abs(node.doubleValue()) < 0x1p62;
        long value = node.longValue();
        if (!fits || value < min || value > max) {
            throw ApiException.invalid(path, "Invalid '" + path + "': " + node + " is out of range; expected an integer between "
                    + min + " and " + max + ".");
        }
        return value;
    }

    static double number(JsonNode node, String path, Range range) {
        if (!node.isNumber()) {
            throw wrongType(path, "a number", node);
        }
        double value = node.doubleValue();
        if (!range.contains(value)) {
            throw ApiException.invalid(path, "Invalid '" + path + "': " + node + " is out of range; expected a number " + range.words() + ".");
        }
        return value;
    }

    static ApiException wrongType(String path, String expected, JsonNode actual) {
        String got = switch (actual.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "an array";
            case STRING -> "a string";
            case NUMBER -> actual.isIntegralNumber() ? "an integer" : "a number";
            case BOOLEAN -> "a boolean";
            case NULL, MISSING, BINARY, POJO -> "null";
        };
        return ApiException.invalid(path, INVALID_TYPE, "Invalid type for '" + path + "': expected " + expected + ", but got " + got + " instead.");
    }

    private static boolean isWhole(double value) {
        return Double.isFinite(value) && value == Math.rint(value);
    }

    /// Numbers that a field allows. @param minAllowed whether `min` itself is one of them
    record Range(double min, boolean minAllowed, double max) {
        static Range closed(double min, double max) {
            return new Range(min, true, max);
        }

        static Range above(double min, double max) {
            return new Range(min, false, max);
        }

        boolean contains(double value) {
            return Double.isFinite(value) && (minAllowed ? value >= min : value > min) && value <= max;
        }

        String words() {
            return (minAllowed ? "≥ " : "> ") + min + (max == Double.MAX_VALUE ? "" : " and ≤ " + max);
        }
    }
}
