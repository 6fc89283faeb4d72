package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.chat.ModelText;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.training.data.ReportBuilder.Finding;
import dev.lorikeet.training.data.RowEncoder.Encoded;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads a file of pairs of answers for a model. Bad rows are reported and left out; whether they matter is for [Dataset#requireUsable].
public final class PreferenceReader {
    private final DataOptions options;
    private final PreferenceLengths lengths;
    private final PreferenceRowReader rows;
    private final RowEncoder encoder;
    private final ReportBuilder report = new ReportBuilder();
    private final List<PreferencePair> pairs = new ArrayList<>();

    private PreferenceReader(DataOptions options, PreferenceLengths lengths, ModelText model) {
        this.options = options;
        this.lengths = lengths;
        rows = new PreferenceRowReader(options);
        encoder = new RowEncoder(model, LearnedPart.ANSWERS);
    }

    /// @param name the file's name as its owner gave it, whose extension decides the kind
    /// @throws BadFileException when the file is of no known kind or cannot be read to its end
    /// @throws DataRefusal when it has more rows than allowed
    public static Dataset<PreferencePair> read(Path file, String name, DataOptions options, PreferenceLengths lengths, ModelText model) {
        var reader = new PreferenceReader(options, lengths, model);
        RowFile.read(file, name, options.limits(), new ReportingSink(reader.report, options.limits(), reader::add));
        return new Dataset<>(reader.pairs, reader.report.buildOfPairs());
    }

    private void add(int line, ObjectNode row) {
        PreferenceRowReader.Pair read = rows.read(row);
        List<Encoded> both = List.of(encoder.encode(read.chosen()), encoder.encode(read.rejected()));
        List<Example> whole = both.stream().map(encoded -> encoded.example(line, encoded.ids().length)).toList();
        int prompt = promptLength(whole);
        List<Example> shortened = whole.stream().map(sequence -> lengths.shortened(sequence, prompt, options.maxSeqLength())).toList();
        var pair = new PreferencePair(shortened.getFirst(), shortened.getLast());
        report.length(whole.stream().mapToInt(Example::length).max().orElseThrow());
        found(lengths.shortensPrompt(prompt), Finding.PROMPT_TRUNCATED, line);
        int dropped = lengths.shortensPrompt(prompt) ? prompt - lengths.maxPromptLength().getAsInt() : 0;
        found(whole.stream().anyMatch(sequence -> sequence.length() - dropped > options.maxSeqLength()), Finding.TRUNCATED, line);
        found(both.stream().anyMatch(encoder::doublesBos), Finding.DOUBLE_BOS, line);
        found(!pair.teaches(), Finding.NOTHING_TO_LEARN, line);
        if (!pair.teaches()) {
            return;
        }
        found(both.stream().anyMatch(encoded -> !encoded.ended()), Finding.MISSING_END, line);
        found(both.stream().anyMatch(Encoded::borderMerged), Finding.BORDER_MERGED, line);
        found(Arrays.equals(pair.chosen().inputIds(), pair.rejected().inputIds()), Finding.SAME_ANSWERS, line);
        report.example(pair);
        pairs.add(pair);
    }

    private void found(boolean is, Finding finding, int line) {
        if (is) {
            report.found(finding, line);
        }
    }

    /// Tokens in front of the first learned one, of the answer in which these are fewer: no token of an answer is taken for the prompt's.
    private static int promptLength(List<Example> sequences) {
        return sequences.stream().mapToInt(sequence -> {
            int length = 0;
            while (length < sequence.length() && sequence.labels()[length] == Example.IGNORED) {
                length++;
            }
            return length;
        }).min().orElseThrow();
    }
}
