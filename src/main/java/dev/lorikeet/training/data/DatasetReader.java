package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.chat.ModelText;
import dev.lorikeet.chat.TemplateRefusal;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.training.data.ReportBuilder.Finding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads a training file for a model. Bad rows are reported and left out; whether they matter is for [Dataset#requireUsable].
public final class DatasetReader {
    private final DataOptions options;
    private final ModelText model;
    private final RowReader reader;
    private final RowEncoder encoder;
    private final ReportBuilder report = new ReportBuilder();
    private final List<Example> examples = new ArrayList<>();

    private DatasetReader(DataOptions options, ModelText model) {
        this.options = options;
        this.model = model;
        reader = new RowReader(options);
        encoder = new RowEncoder(model, options.learned());
    }

    public static Dataset read(Path file, DataOptions options, ModelText model) {
        return read(file, file.getFileName().toString(), options, model);
    }

    /// @param name the file's name as its owner gave it, whose extension decides the kind
    /// @throws BadFileException when the file is of no known kind or cannot be read to its end
    /// @throws DataRefusal when it has more rows than allowed
    public static Dataset read(Path file, String name, DataOptions options, ModelText model) {
        var reader = new DatasetReader(options, model);
        RowFile.read(file, name, options.limits(), reader.sink());
        return new Dataset(reader.examples, reader.report.build());
    }

    private RowSink sink() {
        return new RowSink() {
            @Override
            public void row(int line, ObjectNode row) {
                count();
                try {
                    add(line, encoder.encode(reader.read(row)));
                } catch (RowException | TemplateRefusal e) {
                    report.bad(line, e.getMessage());
                }
            }

            @Override
            public void bad(int line, String reason) {
                count();
                report.bad(line, reason);
            }
        };
    }

    private void count() {
        if (report.row() > options.limits().maxRows()) {
            throw new DataRefusal("has more than " + options.limits().maxRows() + " rows; train on a part of them");
        }
    }

    private void add(int line, RowEncoder.Encoded row) {
        int length = row.ids().length;
        boolean truncated = length > options.maxSeqLength();
        int kept = Math.min(length, options.maxSeqLength());
        Example example = example(line, Arrays.copyOf(row.ids(), kept), row.labels(), kept);
        report.length(length);
        if (truncated) {
            report.found(Finding.TRUNCATED, line);
        }
        if (model.tokenizer().bosId().isPresent() && length > 1 && row.ids()[0] == model.tokenizer().bosId().getAsInt() && row.ids()[1] == row.ids()[0]) {
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

    private static Example example(int line, int[] ids, int[] labels, int kept) {
        try {
            return new Example(ids, labels.length == kept ? labels : Arrays.copyOf(labels, kept), line);
        } catch (IllegalArgumentException e) {
            throw new RowException(e.getMessage());
        }
    }
}
