package dev.lorikeet.training.data;

import dev.lorikeet.chat.ModelText;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.training.data.ReportBuilder.Finding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads a training file for a model. Bad rows are reported and left out; whether they matter is for [Dataset#requireUsable].
public final class DatasetReader {
    private final DataOptions options;
    private final RowReader reader;
    private final RowEncoder encoder;
    private final ReportBuilder report = new ReportBuilder();
    private final List<Example> examples = new ArrayList<>();

    private DatasetReader(DataOptions options, ModelText model) {
        this.options = options;
        reader = new RowReader(options);
        encoder = new RowEncoder(model, options.learned());
    }

    public static Dataset<Example> read(Path file, DataOptions options, ModelText model) {
        return read(file, file.getFileName().toString(), options, model);
    }

    /// @param name the file's name as its owner gave it, whose extension decides the kind
    /// @throws BadFileException when the file is of no known kind or cannot be read to its end
    /// @throws DataRefusal when it has more rows than allowed
    public static Dataset<Example> read(Path file, String name, DataOptions options, ModelText model) {
        var reader = new DatasetReader(options, model);
        var sink = new ReportingSink(reader.report, options.limits(), (line, row) -> reader.add(line, reader.encoder.encode(reader.reader.read(row))));
        RowFile.read(file, name, options.limits(), sink);
        return new Dataset<>(reader.examples, reader.report.build());
    }

    private void add(int line, RowEncoder.Encoded row) {
        int length = row.ids().length;
        boolean truncated = length > options.maxSeqLength();
        int kept = Math.min(length, options.maxSeqLength());
        Example example = row.example(line, kept);
        report.length(length);
        if (truncated) {
            report.found(Finding.TRUNCATED, line);
        }
        if (encoder.doublesBos(row)) {
            report.found(Finding.DOUBLE_BOS, line);
        }
        if (example.learnedTokens() == 0) {
            report.found(Finding.NOTHING_TO_LEARN, line);
            return;
        }
        if (!row.ended()) {
            report.found(Finding.MISSING_END, line);
        }
        if (row.borderMerged()) {
            report.found(Finding.BORDER_MERGED, line);
        }
        report.example(example);
        examples.add(example);
    }
}
