package dev.lorikeet.training.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.JsonFile;
import java.io.IOException;
import java.nio.file.Path;

/// A JSON array of objects, read one element at a time. Rows are numbered by their place in the array.
final class JsonArrayRows {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final DataLimits limits;

    JsonArrayRows(Path file, DataLimits limits) {
        this.file = file;
        this.limits = limits;
    }

    void read(RowSink sink) {
        try (JsonParser parser = JSON.createParser(file.toFile())) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new BadFileException(file, "is not a JSON array; a file with one object a line must be called .jsonl");
            }
            int row = 0;
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                long start = parser.currentTokenLocation().getByteOffset();
                JsonNode node = JSON.readTree(parser);
                row++;
                if (parser.currentLocation().getByteOffset() - start > limits.maxRowBytes()) {
                    sink.bad(row, "is longer than " + limits.maxRowBytes() + " bytes");
                } else if (node instanceof ObjectNode object) {
                    sink.row(row, object);
                } else {
                    sink.bad(row, "data_type: is not a JSON object");
                }
            }
        } catch (JsonProcessingException e) {
            throw new BadFileException(file, "is not valid JSON" + JsonFile.fault(e), e);
        } catch (IOException e) {
            throw new BadFileException(file, "cannot be read: " + e.getMessage(), e);
        }
    }
}
