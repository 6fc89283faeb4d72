package dev.lorikeet.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.chat.ModelText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Real data sets, with counts that Python's `json` and `csv` modules gave: `-Dtest=SharedDatasetsCheck -Dshared=<folder>`.
class SharedDatasetsCheck {
    private static final Path SHARED = Path.of(System.getProperty("shared", ""));

    /// @param bad rows that are none for supervised training
    @ParameterizedTest
    @CsvSource({"songys_ChatbotData.csv, 11823, 0, 73", "llamafactory_alpaca_en_demo.json, 999, 0, 0", "llamafactory_glaive_toolcall_en_demo.json, 300, 0, 0",
        "derived/ko_chat_alpaca.jsonl, 11823, 0, 73", "derived/ko_chat_messages_500.jsonl, 500, 0, 0", "derived/ko_sharegpt.jsonl, 439, 0, 0",
        "derived/koen_translate_alpaca.jsonl, 2440, 0, 0", "derived/en_dpo_300.jsonl, 300, 300, 0", "derived/ko_dpo_synthetic_600.jsonl, 600, 600, 0"})
    void everyRowIsReadAndEveryAnswerEnds(String file, int rows, int bad, int duplicates) throws IOException {
        String template = Files.readString(SHARED.resolve("templates/hf_qwen3.jinja"));
        var options = new DataOptions(1 << 16, LearnedPart.ANSWERS, Optional.empty(), Optional.of(template), true, DataLimits.DEFAULT);
        try (ModelText model = ModelText.load(SHARED.resolve("tokenizers/qwen3"))) {
            Dataset<Example> data = DatasetReader.read(SHARED.resolve("datasets").resolve(file), options, model);
            DataReport report = data.report();
            System.getLogger(SharedDatasetsCheck.class.getName()).log(System.Logger.Level.INFO, "{0}: {1}", file, report.toJson());
            assertThat(report.rows()).isEqualTo(rows);
            assertThat(report.badRowCount()).isEqualTo(bad);
            assertThat(report.examples()).isEqualTo(rows - bad);
            assertThat(report.missingEnd().count()).isZero();
            assertThat(report.nothingToLearn().count()).isZero();
            assertThat(report.duplicates().count()).isGreaterThanOrEqualTo(duplicates);
        }
    }

    @ParameterizedTest
    @CsvSource({"derived/ko_sharegpt.jsonl, 1756", "llamafactory_glaive_toolcall_en_demo.json, 957"})
    void everyTurnOfTheAssistantIsLearnedToItsEnd(String file, int answers) throws IOException {
        String template = Files.readString(SHARED.resolve("templates/hf_qwen3.jinja"));
        var options = new DataOptions(1 << 16, LearnedPart.ANSWERS, Optional.empty(), Optional.of(template), false, DataLimits.DEFAULT);
        try (ModelText model = ModelText.load(SHARED.resolve("tokenizers/qwen3"))) {
            int end = model.tokenizer().id("<|im_end|>").getAsInt();
            long ends = DatasetReader.read(SHARED.resolve("datasets").resolve(file), options, model).examples().stream()
                    .mapToLong(example -> Arrays.stream(example.labels()).filter(label -> label == end).count()).sum();
            assertThat(ends).isEqualTo(answers);
        }
    }
}
