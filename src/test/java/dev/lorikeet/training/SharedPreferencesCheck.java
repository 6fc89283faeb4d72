package dev.lorikeet.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.chat.ModelText;
import dev.lorikeet.model.Fixtures;
import dev.lorikeet.training.data.DataOptions;
import dev.lorikeet.training.data.PreferenceLengths;
import dev.lorikeet.training.data.PreferenceReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real preferences on the demo model: `-Dtest=SharedPreferencesCheck -Dshared=<folder>`.
class SharedPreferencesCheck {
    private static final Path MODEL = Path.of("models/demo");
    private static final int HELD_OUT = 100;

    @TempDir
    private Path folder;

    private final List<TrainingListener.EvaluationReport> evaluations = new ArrayList<>();

    /// Each answer as a chat: the file's texts stand for question and answers.
    private Path chats() throws Exception {
        var json = new ObjectMapper();
        var rows = new ArrayList<String>();
        for (String line : Files.readAllLines(Path.of(System.getProperty("shared"), "datasets/derived/ko_dpo_synthetic_600.jsonl"))) {
            var row = json.readTree(line);
            rows.add(json.createObjectNode().put("question", row.get("prompt").asText()).put("chosen", row.get("chosen").asText())
                    .put("rejected", row.get("rejected").asText()).toString());
        }
        return Files.write(folder.resolve("rows.jsonl"), rows);
    }

    @Test
    void marginAndAccuracyRiseOnPairsThatAreHeldOut() throws Exception {
        var listener = new TrainingListener() {
            @Override
            public void evaluated(EvaluationReport report) {
                evaluations.add(report);
            }
        };
        try (var text = ModelText.load(MODEL); var base = Fixtures.load(MODEL, "auto", 4)) {
            var pairs = PreferenceReader.read(chats(), "rows.jsonl", DataOptions.upTo(256), PreferenceLengths.DEFAULT, text).requireUsable(DataOptions.upTo(256)).examples();
            assertThat(pairs).hasSize(600);
            var options = TrainingOptionsTest.readDpo("{'r': 8, 'target_modules': 'all-linear', 'learning_rate': 0.0005, 'num_train_epochs': 2, 'eval_strategy': 'steps', "
                    + "'eval_steps': 21, 'save_strategy': 'no', 'beta': 0.1, 'warmup_ratio': 0.1}");
            new Trainer(base, options, new TrainingData(pairs.subList(HELD_OUT, pairs.size()), pairs.subList(0, HELD_OUT)),
                    new TrainingFolder(folder.resolve("out"), "demo", Optional.empty()), new TrainingHooks(listener, TrainingControl.none(), ServingGate.open())).run();
        }
        evaluations.forEach(report -> System.getLogger(SharedPreferencesCheck.class.getName()).log(System.Logger.Level.INFO, "step {0}: loss {1}, {2}", report.step(),
                report.loss(), report.metrics()));
        var first = evaluations.getFirst().metrics();
        var last = evaluations.getLast().metrics();
        assertThat(last.get("rewards/margins")).isGreaterThan(first.get("rewards/margins")).isPositive();
        assertThat(last.get("rewards/accuracies")).isGreaterThan(0.6);
        assertThat(evaluations.getLast().loss()).isLessThan(Math.log(2));
    }
}
