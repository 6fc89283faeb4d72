package dev.lorikeet.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// JSON in and out, with the one mapper of this package.
final class Json {
    /// `NaN` and `Infinity` are read, because Python's `json` writes them: so the error can name the field.
    private static final JsonMapper MAPPER = JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).disable(SerializationFeature.FAIL_ON_EMPTY_BEANS).build();
    private static final ObjectReader READER = MAPPER.readerFor(JsonNode.class);

    private Json() {}

    static ObjectWriter writer(Class<?> type) {
        return MAPPER.writerFor(type);
    }

    static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The object that a request body holds.
    ///
    /// @throws ApiException it holds none
    static Fields body(InputStream body) {
        JsonNode node = parse(body).orElseThrow(() -> malformed("We could not parse the JSON body of your request."));
        if (!node.isObject()) {
            throw malformed("The body of the request must be a JSON object.");
        }
        return new Fields(node, "");
    }

    /// The JSON value in `text`, or empty if it holds none (or more than one).
    static Optional<JsonNode> parse(String text) {
        try {
            JsonNode node = READER.readValue(text);
            return node == null || node.isMissingNode() ? Optional.empty() : Optional.of(node);
        } catch (JsonProcessingException _) {
            return Optional.empty();
        }
    }

    /// Plain data: maps in the order of the text, lists, `String`, `Long`, `Double`, `Boolean`, null.
    static Object plain(JsonNode node, String path) {
        return switch (node.getNodeType()) {
            case OBJECT -> {
                Map<String, Object> map = new LinkedHashMap<>();
                node.properties().forEach(e -> map.put(e.getKey(), plain(e.getValue(), Fields.join(path, e.getKey()))));
                yield map;
            }
            case ARRAY -> {
                List<Object> list = new ArrayList<>(node.size());
                for (int i = 0; i < node.size(); i++) {
                    list.add(plain(node.get(i), path + "[" + i + "]"));
                }
                yield list;
            }
            case STRING -> Fields.wellFormed(node.textValue(), path);
            case NUMBER -> number(node, path);
            case BOOLEAN -> node.booleanValue();
            case NULL, MISSING, BINARY, POJO -> null;
        };
    }

    private static Object number(JsonNode node, String path) {
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.longValue();
        }
        double value = node.doubleValue();
        if (!Double.isFinite(value)) {
            throw ApiException.invalid(path, "'" + path + "' must be a finite number.");
        }
        return value;
    }

    private static Optional<JsonNode> parse(InputStream body) {
        try {
            JsonNode node = READER.readValue(new InputStreamReader(body, StandardCharsets.UTF_8.newDecoder()));
            return node == null || node.isMissingNode() ? Optional.empty() : Optional.of(node);
        } catch (JsonProcessingException _) {
            return Optional.empty();
        } catch (CharacterCodingException _) {
            throw malformed("The body of the request is not valid UTF-8.");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ApiException malformed(String message) {
        return new ApiException(new ApiError.Invalid(message, Optional.empty(), Optional.empty()));
    }
}
