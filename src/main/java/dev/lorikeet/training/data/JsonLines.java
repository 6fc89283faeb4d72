package dev.lorikeet.training.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.BadFileException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// One JSON object a line, in UTF-8. A byte order mark and a missing last line end are accepted, empty lines at the end too.
final class JsonLines {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Path file;
    private final DataLimits limits;
    private int line;
    private int firstBlank;

    JsonLines(Path file, DataLimits limits) {
        this.file = file;
        this.limits = limits;
    }

    void read(RowSink sink) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            var bytes = new ByteArrayOutputStream();
            boolean tooLong = false;
            int b = in.read();
            while (b >= 0) {
                if (b == '\n') {
                    line(bytes, tooLong, sink);
                    bytes.reset();
                    tooLong = false;
                } else if (bytes.size() < limits.maxRowBytes()) {
                    bytes.write(b);
                } else {
                    tooLong = true;
                }
                b = in.read();
            }
            if (bytes.size() > 0) {
                line(bytes, tooLong, sink);
            }
        } catch (IOException e) {
            throw new BadFileException(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    private void line(ByteArrayOutputStream bytes, boolean tooLong, RowSink sink) {
        line++;
        if (tooLong) {
            sink.bad(line, "is longer than " + limits.maxRowBytes() + " bytes");
            return;
        }
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
        } catch (CharacterCodingException _) {
            sink.bad(line, "is not UTF-8");
            return;
        }
        if (line == 1 && text.startsWith("\uFEFF")) {
            text = text.substring(1);
        }
        if (text.isBlank()) {
            firstBlank = firstBlank == 0 ? line : firstBlank;
            return;
        }
        for (; firstBlank > 0 && firstBlank < line; firstBlank++) {
            sink.bad(firstBlank, "is empty");
        }
        firstBlank = 0;
        parse(text, sink);
    }

    private void parse(String text, RowSink sink) {
        JsonNode node;
        try {
            node = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            sink.bad(line, "is not valid JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""));
            return;
        }
        if (node instanceof ObjectNode row) {
            sink.row(line, row);
        } else {
            sink.bad(line, "data_type: is not a JSON object");
        }
    }
}
