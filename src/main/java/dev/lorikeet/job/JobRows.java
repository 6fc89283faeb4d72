package dev.lorikeet.job;

import dev.lorikeet.chat.ModelText;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.training.TrainingMethod;
import dev.lorikeet.training.TrainingOptions;
import dev.lorikeet.training.data.DataRefusal;
import dev.lorikeet.training.data.DataReport;
import dev.lorikeet.training.data.Dataset;
import dev.lorikeet.training.data.DatasetReader;
import dev.lorikeet.training.data.Findings;
import dev.lorikeet.training.data.PreferenceReader;
import dev.lorikeet.training.data.TrainingExample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// The rows of a job as the model sees them: to learn from and to be judged by.
record JobRows(Dataset<?> train, List<? extends TrainingExample> validation, Optional<DataReport> validationReport) {
    private static final String TRAINING = "training_file";
    private static final String VALIDATION = "validation_file";
    private static final int FEW = 10;
    private static final int SHOWN = 5;

    /// @param rows where the files lie @param lenient whether what cannot be learned is only reported
    /// @throws BadRowsException a file cannot be read, or may not be learned from as it is
    static JobRows read(JobSpec spec, RunOptions options, ModelText text, Function<JobSpec.Data, Path> rows, boolean lenient) {
        return switch (options.training().method()) {
            case TrainingMethod.Supervised _ -> read(spec, options, new Source<>(rows, lenient, (file, name) -> DatasetReader.read(file, name, options.data(), text)));
            case TrainingMethod.Dpo _ -> read(spec, options,
                    new Source<>(rows, lenient, (file, name) -> PreferenceReader.read(file, name, options.data(), options.lengths(), text)));
        };
    }

    private static <T extends TrainingExample> JobRows read(JobSpec spec, RunOptions options, Source<T> source) {
        Dataset<T> all = source.read(TRAINING, spec.trainingFile(), options);
        if (spec.validationFile().isPresent()) {
            if (options.heldOut() > 0) {
                throw new BadRowsException(VALIDATION, "There is a validation file, and val_set_size is " + options.heldOut() + "; choose one of them.");
            }
            Dataset<T> validation = source.read(VALIDATION, spec.validationFile().get(), options);
            int shared = Dataset.overlap(all.examples(), validation.examples());
            return new JobRows(new Dataset<>(all.examples(), all.report().withOverlap(shared)), validation.examples(), Optional.of(validation.report()));
        }
        if (options.heldOut() > 0 && !all.examples().isEmpty()) {
            var split = refusing(TRAINING, () -> all.split(options.heldOut(), options.training().seed()));
            return new JobRows(split.train(), split.validation(), Optional.empty());
        }
        if (options.training().evaluation().strategy() != TrainingOptions.Strategy.NO && !source.lenient()) {
            throw new BadRowsException(VALIDATION, "`eval_strategy` is set, but there is nothing to evaluate on: send a validation_file, or hold rows out with "
                    + "`val_set_size`.");
        }
        return new JobRows(all, List.of(), Optional.empty());
    }

    /// Reads a file of the kind of rows that the method learns from.
    private interface FileReader<T extends TrainingExample> {
        Dataset<T> read(Path file, String name);
    }

    /// Where the files are, and how they are read.
    private record Source<T extends TrainingExample>(Function<JobSpec.Data, Path> rows, boolean lenient, FileReader<T> reader) {
        Dataset<T> read(String param, JobSpec.Data data, RunOptions options) {
            return refusing(param, () -> {
                var read = reader.read(rows.apply(data), data.filename());
                return lenient ? read : read.requireUsable(options.data());
            });
        }
    }

    private static <T> T refusing(String param, java.util.function.Supplier<T> step) {
        try {
            return step.get();
        } catch (DataRefusal e) {
            throw new BadRowsException(param, "The file " + e.getMessage());
        } catch (BadFileException e) {
            // Its own path is nobody's business.
            throw new BadRowsException(param, "The file " + e.problem());
        }
    }

    DataCheck check() {
        var json = JobJson.MAPPER.valueToTree(train.report().toJson());
        var report = (com.fasterxml.jackson.databind.node.ObjectNode) json;
        validationReport.ifPresent(found -> report.set("validation", JobJson.MAPPER.valueToTree(found.toJson())));
        if (validationReport.isEmpty() && !validation.isEmpty()) {
            report.put("validation_rows", validation.size());
        }
        return new DataCheck(report, warnings());
    }

    private List<String> warnings() {
        var warnings = new ArrayList<String>();
        DataReport found = train.report();
        if (train.examples().size() < FEW) {
            warnings.add("There are only " + train.examples().size() + " rows to learn from; 10 or more are advised");
        }
        if (found.badRowCount() > 0) {
            warnings.add(found.badRowCount() + " rows cannot be used and are skipped, the first in line " + found.badRows().getFirst().line() + ": "
                    + found.badRows().getFirst().reason());
        }
        warn(warnings, found.truncated(), found.pairs().isEmpty() ? "rows are longer than max_seq_length and lose their end"
                : "pairs are longer than max_length and are cut as truncation_mode says");
        found.pairs().ifPresent(pairs -> {
            warn(warnings, pairs.promptTruncated(), "prompts are longer than max_prompt_length and lose their beginning");
            warn(warnings, pairs.sameAnswers(), "pairs have twice the same answer, so that nothing is preferred");
        });
        warn(warnings, found.nothingToLearn(), "rows have nothing to learn and are left out");
        warn(warnings, found.doubleBos(), "rows begin with two BOS");
        warn(warnings, found.missingEnd(), "rows have no end token, so that the model does not learn to stop");
        warn(warnings, found.duplicates(), "rows repeat an earlier one");
        if (found.overlap() > 0) {
            warnings.add(found.overlap() + " validation rows are training rows as well, so that the validation loss flatters");
        }
        return warnings;
    }

    private static void warn(List<String> warnings, Findings found, String what) {
        if (found.count() > 0) {
            warnings.add(found.count() + " " + what + " (line " + String.join(", ", found.lines().stream().limit(SHOWN).map(String::valueOf).toList())
                    + (found.count() > SHOWN ? ", …" : "") + ")");
        }
    }
}
