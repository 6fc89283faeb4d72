package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.lorikeet.store.BadFileException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;

/// Comma-separated values in UTF-8; the first record names the columns. A row's number is the line on which it begins.
final class CsvRows {
    private final Path file;
    private final DataLimits limits;

    CsvRows(Path file, DataLimits limits) {
        this.file = file;
        this.limits = limits;
    }

    void read(RowSink sink) {
        try (BufferedReader in = Files.newBufferedReader(file)) {
            skipByteOrderMark(in);
            var records = CsvReader.builder().maxBufferSize(limits.maxRowBytes()).allowExtraFields(true).allowMissingFields(true).ofCsvRecord(in);
            Iterator<CsvRecord> iterator = records.iterator();
            if (!iterator.hasNext()) {
                throw new BadFileException(file, "is empty; its first line must name the columns");
            }
            List<String> columns = columns(iterator.next());
            while (iterator.hasNext()) {
                row(iterator.next(), columns, sink);
            }
        } catch (CsvParseException e) {
            throw new BadFileException(file, "is not valid CSV: " + e.getMessage() + (e.getCause() == null ? "" : " " + e.getCause().getMessage()), e);
        } catch (CharacterCodingException e) {
            throw notUtf8(e);
        } catch (UncheckedIOException e) {
            throw e.getCause() instanceof CharacterCodingException ? notUtf8(e.getCause()) : new BadFileException(file, "cannot be read: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new BadFileException(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    private BadFileException notUtf8(Throwable cause) {
        return new BadFileException(file, "is not UTF-8; convert it, for example with: iconv -f cp949 -t utf-8", cause);
    }

    private static void skipByteOrderMark(BufferedReader in) throws IOException {
        in.mark(1);
        if (in.read() != '\uFEFF') {
            in.reset();
        }
    }

    private List<String> columns(CsvRecord header) {
        List<String> columns = header.getFields().stream().map(String::strip).toList();
        if (new HashSet<>(columns).size() < columns.size()) {
            throw new BadFileException(file, "names a column twice: " + columns);
        }
        return columns;
    }

    private static void row(CsvRecord record, List<String> columns, RowSink sink) {
        int line = (int) record.getStartingLineNumber();
        if (record.getFieldCount() != columns.size()) {
            sink.bad(line, "has " + record.getFieldCount() + " fields, but there are " + columns.size() + " columns");
            return;
        }
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < columns.size(); i++) {
            row.put(columns.get(i), record.getField(i));
        }
        sink.row(line, row);
    }
}
