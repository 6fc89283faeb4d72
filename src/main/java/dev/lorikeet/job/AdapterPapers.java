package dev.lorikeet.job;

import dev.lorikeet.adapter.AdapterMetadata;
import dev.lorikeet.catalog.ModelLease;
import dev.lorikeet.model.BaseFingerprint;
import dev.lorikeet.store.AtomicFile;
import dev.lorikeet.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What goes with a trained adapter beside its weights: the tokenizer and template it was trained with, `lorikeet.json`, and a model card
/// that says where it comes from.
final class AdapterPapers {
    private static final List<String> TEXT_FILES = List.of("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
            "tokenizer.model", "vocab.json", "merges.txt");
    private static final String TEMPLATE = "chat_template.jinja";
    private static final Map<String, String> NAMES = Map.of("perplexity", "Validation perplexity", "mean_token_accuracy", "Validation token accuracy");

    private final FineTuningJob job;
    private final RunOptions options;
    private final ModelLease base;
    private final String baseSha256;

    AdapterPapers(FineTuningJob job, RunOptions options, ModelLease base) {
        this.job = job;
        this.options = options;
        this.base = base;
        this.baseSha256 = BaseFingerprint.of(base.entry().folder());
    }

    void writeTo(Path folder, JobRows rows, TrainingResult result) throws IOException {
        for (String name : TEXT_FILES) {
            copy(name, folder);
        }
        Optional<String> own = options.data().chatTemplate();
        if (own.isPresent()) {
            AtomicFile.write(folder.resolve(TEMPLATE), own.get());
        } else {
            copy(TEMPLATE, folder);
        }
        String template = templateSha256(folder, own);
        var ends = base.model().defaults().endTokenIds().stream().sorted().toList();
        byte[] metadata = new AdapterMetadata(ends, Optional.of(template), Optional.of(baseSha256)).toJson();
        AtomicFile.write(folder.resolve(AdapterMetadata.FILE), out -> out.write(metadata));
        AtomicFile.write(folder.resolve("README.md"), card(rows, result, template));
    }

    private void copy(String name, Path folder) throws IOException {
        Path source = base.entry().folder().resolve(name);
        if (Files.isRegularFile(source)) {
            AtomicFile.write(folder.resolve(name), out -> Files.copy(source, out));
        }
    }

    /// As serving will see the folder.
    private String templateSha256(Path folder, Optional<String> own) {
        if (own.isEmpty()) {
            return base.model().templateSha256();
        }
        try (var text = base.model().adapted(folder, java.util.Set.of())) {
            return text.model().templateSha256();
        }
    }

    private String card(JobRows rows, TrainingResult result, String template) {
        JobSpec spec = job.spec();
        var card = new StringBuilder("---\nlibrary_name: peft\nbase_model: " + spec.base() + "\ntags:\n- lora\n- lorikeet\n---\n\n");
        card.append("# ").append(job.modelName()).append("\n\nA LoRA adapter of `").append(spec.base()).append("`, trained by Lorikeet. Load it with `peft`, ")
                .append("or name it as `model` in a request.\n\n## Where it comes from\n\n| | |\n|---|---|\n");
        row(card, "Job", job.id());
        row(card, "Method", job.spec().method().word());
        row(card, "Base", spec.base() + ", fingerprint " + baseSha256);
        spec.startAdapter().ifPresent(start -> row(card, "Trained on from", start));
        row(card, "Training data", data(spec.trainingFile()) + ": " + rows.train().examples().size() + " rows, " + rows.train().report().learnedTokens()
                + " learned tokens");
        spec.validationFile().ifPresent(file -> row(card, "Validation data", data(file) + ": " + rows.validation().size() + " rows"));
        if (spec.validationFile().isEmpty() && !rows.validation().isEmpty()) {
            row(card, "Validation data", rows.validation().size() + " rows held out of the training data");
        }
        row(card, "Chat template", "sha256 " + template);
        row(card, "Seed", String.valueOf(spec.seed()));
        card.append("\n## Results\n\n| | |\n|---|---|\n");
        metrics(result).forEach(metric -> row(card, metric.get(0), metric.get(1)));
        card.append("\n## Options\n\n```json\n").append(spec.options().toPrettyString()).append("\n```\n");
        return card.toString();
    }

    private static List<List<String>> metrics(TrainingResult result) {
        var metrics = new ArrayList<List<String>>();
        metrics.add(List.of("Steps", String.valueOf(result.step())));
        metrics.add(List.of("Learned tokens, all passes", String.valueOf(result.trainedTokens())));
        metrics.add(List.of("Mean training loss", number(result.trainLoss())));
        result.lastEvaluation().ifPresent(last -> {
            metrics.add(List.of("Validation loss", number(last.loss())));
            last.metrics().forEach((name, value) -> metrics.add(List.of(NAMES.getOrDefault(name, "Validation " + name), number(value))));
        });
        return metrics;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String data(JobSpec.Data data) {
        return "`" + data.filename().replace("|", "\\|") + "`, sha256 " + data.sha256();
    }

    private static void row(StringBuilder card, String name, String value) {
        card.append("| ").append(name).append(" | ").append(value).append(" |\n");
    }
}
