package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.BadFileException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Makes one file of many: all rows, in order, as lines of JSON.
public final class RowCopy {
    private RowCopy() {}

    /// @param files of rows, each of any kind that can be trained on @throws BadFileException naming what cannot be read
    public static void join(List<Path> files, Path into) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(into)) {
            for (Path file : files) {
                RowFile.read(file, file.getFileName().toString(), DataLimits.DEFAULT, new RowSink() {
                    @Override
                    public void row(int line, ObjectNode row) {
                        try {
                            out.write(row + "\n");
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }

                    @Override
                    public void bad(int line, String reason) {
                        throw new BadFileException(file, "line " + line + " " + reason);
                    }
                });
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
