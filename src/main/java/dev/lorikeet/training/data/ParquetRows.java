package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hardwood.InputFile;
import dev.hardwood.metadata.FileMetaData;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqMap;
import dev.hardwood.row.PqStruct;
import dev.hardwood.row.StructAccessor;
import dev.lorikeet.store.BadFileException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// Rows of a Parquet file, nested columns included.
final class ParquetRows {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /// What a column of a group of rows may unpack to, which is held in memory as a whole.
    private static final long MAX_UNPACKED = 256L << 20;

    private final Path file;

    ParquetRows(Path file) {
        this.file = file;
    }

    void read(RowSink sink) {
        try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file))) {
            checkSizes(reader.getFileMetaData());
            read(reader, sink);
        } catch (DataRefusal e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new BadFileException(file, "cannot be read as Parquet: " + e.getMessage(), e);
        }
    }

    private static void read(ParquetFileReader reader, RowSink sink) throws IOException {
        try (RowReader rows = reader.rowReader()) {
            int row = 0;
            while (rows.hasNext()) {
                rows.next();
                sink.row(++row, object(rows));
            }
        }
    }

    private static void checkSizes(FileMetaData metadata) {
        for (RowGroup group : metadata.rowGroups()) {
            for (var column : group.columns()) {
                long unpacked = column.metaData().totalUncompressedSize();
                if (unpacked < 0 || unpacked > MAX_UNPACKED) {
                    throw new DataRefusal("has a column `" + String.join(".", column.metaData().pathInSchema().elements()) + "` of which " + group.numRows() + " rows unpack to " + unpacked
                            + " bytes at once; " + MAX_UNPACKED + " are allowed: write it with smaller row groups");
                }
            }
        }
    }

    private static ObjectNode object(StructAccessor struct) {
        ObjectNode object = JSON.objectNode();
        for (int i = 0; i < struct.getFieldCount(); i++) {
            object.set(struct.getFieldName(i), struct.isNull(i) ? JSON.nullNode() : value(struct.getValue(i)));
        }
        return object;
    }

    private static JsonNode value(Object value) {
        return switch (value) {
            case null -> JSON.nullNode();
            case String text -> JSON.textNode(text);
            case byte[] bytes -> JSON.textNode(new String(bytes, StandardCharsets.UTF_8));
            case Boolean flag -> JSON.booleanNode(flag);
            case Integer number -> JSON.numberNode(number);
            case Long number -> JSON.numberNode(number);
            case Float number -> JSON.numberNode(number);
            case Double number -> JSON.numberNode(number);
            case BigDecimal number -> JSON.numberNode(number);
            case PqStruct struct -> object(struct);
            case PqList list -> {
                ArrayNode array = JSON.arrayNode(list.size());
                for (int i = 0; i < list.size(); i++) {
                    array.add(list.isNull(i) ? JSON.nullNode() : value(list.get(i)));
                }
                yield array;
            }
            case PqMap map -> {
                ObjectNode object = JSON.objectNode();
                map.getEntries().forEach(entry -> object.set(String.valueOf(entry.getKey()), entry.isValueNull() ? JSON.nullNode() : value(entry.getValue())));
                yield object;
            }
            default -> JSON.textNode(value.toString());
        };
    }
}
