package dev.lorikeet.training.data;

import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.StoredFile;
import java.nio.file.Path;

/// A file of rows; its kind is told by the extension of its name.
final class RowFile {
    private RowFile() {}

    /// @param name the name that its owner gave it, which decides the kind
    /// @throws BadFileException when the file is of no known kind, or breaks off where nothing behind can be read
    static void read(Path file, String name, DataLimits limits, RowSink sink) {
        switch (StoredFile.extension(name)) {
            case "jsonl" -> new JsonLines(file, limits).read(sink);
            case "json" -> new JsonArrayRows(file, limits).read(sink);
            case "csv" -> new CsvRows(file, limits).read(sink);
            case "parquet" -> new ParquetRows(file).read(sink);
            default -> throw new BadFileException(file, "is called '" + name + "'; training files end in .jsonl, .json, .csv or .parquet");
        }
    }
}
