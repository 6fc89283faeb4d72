package dev.lorikeet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.model.Fixtures;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.training.TrainerTest.Notes;
import dev.lorikeet.training.TrainingResult.Status;
import dev.lorikeet.training.data.Example;
import dev.lorikeet.training.data.PreferencePair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The laws of training, where answers are preferred to others.
class PreferenceTrainerTest {
    private static final String MARGINS = "rewards/margins";
    private static LoadedModel base;

    @TempDir
    private Path folder;

    @BeforeAll
    static void load() {
        base = Fixtures.load("llama", "float32");
    }

    @AfterAll
    static void unload() {
        base.close();
    }

    /// Answers that begin with 7 are preferred to those that begin with 8.
    private static List<PreferencePair> pairs(int count, int seed) {
        var random = new SplittableRandom(seed);
        var pairs = new ArrayList<PreferencePair>();
        for (int i = 0; i < count; i++) {
            int[] prompt = random.ints(3 + random.nextInt(8), 9, 500).toArray();
            pairs.add(new PreferencePair(answered(prompt, 7, random, i + 1), answered(prompt, 8, random, i + 1)));
        }
        return pairs;
    }

    private static Example answered(int[] prompt, int first, SplittableRandom random, int line) {
        int[] answer = random.ints(2 + random.nextInt(9), 9, 500).toArray();
        answer[0] = first;
        int[] ids = Arrays.copyOf(prompt, prompt.length + answer.length);
        System.arraycopy(answer, 0, ids, prompt.length, answer.length);
        int[] labels = ids.clone();
        Arrays.fill(labels, 0, prompt.length, Example.IGNORED);
        return new Example(ids, labels, line);
    }

    /// Notes that keep what is said of the pairs.
    private static final class PairNotes implements TrainingListener {
        final Notes notes = new Notes();
        final List<Map<String, Double>> metrics = new ArrayList<>();

        @Override
        public void started(Plan plan, int resumedFrom) {
            notes.started(plan, resumedFrom);
        }

        @Override
        public void step(StepReport report) {
            notes.step(report);
            metrics.add(report.metrics());
        }

        @Override
        public void evaluated(EvaluationReport report) {
            notes.evaluated(report);
        }
    }

    private TrainingResult run(String name, String options, PairNotes notes, Optional<Path> start) throws InterruptedException {
        return run(name, options, notes, new TrainingData(pairs(8, 1), pairs(4, 2)), start);
    }

    private TrainingResult run(String name, String options, PairNotes notes, TrainingData data, Optional<Path> start) throws InterruptedException {
        String batch = options.contains("train_batch_size") ? "" : ", 'per_device_train_batch_size': 2";
        var read = TrainingOptionsTest.readDpo("{'r': 2, 'lora_alpha': 4, 'logging_steps': 1, 'learning_rate': 0.01" + batch + ", " + options + "}");
        return new Trainer(base, read, data, new TrainingFolder(folder.resolve(name), "llama", start),
                new TrainingHooks(notes, notes.notes, ServingGate.open())).run();
    }

    private PairNotes run(String name, String options) throws InterruptedException {
        var notes = new PairNotes();
        run(name, options, notes, Optional.empty());
        return notes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"'beta': 0.5", "'rpo_alpha': 0.7, 'label_smoothing': 0.1", "'loss_type': 'ipo'"})
    void accumulatedMicroBatchesEqualOneLargeBatch(String options) throws InterruptedException {
        var large = run("large", options + ", 'per_device_train_batch_size': 4, 'max_steps': 3");
        var small = run("small", options + ", 'per_device_train_batch_size': 1, 'gradient_accumulation_steps': 4, 'max_steps': 3");
        for (int i = 0; i < 3; i++) {
            assertThat(small.notes.losses.get(i)).isCloseTo(large.notes.losses.get(i), within(1e-5));
            for (var metric : large.metrics.get(i).entrySet()) {
                assertThat(small.metrics.get(i).get(metric.getKey())).as(metric.getKey()).isCloseTo(metric.getValue(), within(1e-3));
            }
        }
        TrainerTest.assertSame(folder.resolve("small"), folder.resolve("large"), 1e-4f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'rpo_alpha': 0.1", "'lora_dropout': 0.2, 'neftune_noise_alpha': 5", "'use_dora': true", "'init_lora_weights': 'pissa'",
        "'target_modules': ['q_proj', 'lm_head', 'embed_tokens'], 'lora_dropout': 0.2", "'modules_to_save': ['lm_head', 'norm']"})
    void layersComputedTwiceEqualLayersKept(String options) throws InterruptedException {
        var kept = run("kept", options + ", 'max_steps': 3, 'gradient_checkpointing': false");
        var again = run("again", options + ", 'max_steps': 3, 'gradient_checkpointing': true");
        assertThat(again.notes.losses).isEqualTo(kept.notes.losses);
        TrainerTest.assertSame(folder.resolve("again"), folder.resolve("kept"), 1e-6f);
    }

    /// Whatever is trained, and however it begins: that of which nothing has been learned yet is the base.
    @ParameterizedTest
    @ValueSource(strings = {"'use_dora': true", "'target_modules': ['q_proj', 'lm_head', 'embed_tokens']", "'modules_to_save': ['lm_head', 'norm']", "'bias': 'all'",
        "'precompute_ref_log_probs': true"})
    void beforeTheFirstStepNothingIsRewarded(String options) throws InterruptedException {
        var notes = run("out", options + ", 'max_steps': 2");
        assertThat(notes.metrics.getFirst().get("rewards/chosen")).isCloseTo(0, within(1e-5));
        assertThat(notes.metrics.getFirst().get("rewards/rejected")).isCloseTo(0, within(1e-5));
        assertThat(notes.notes.losses.getFirst()).isCloseTo(Math.log(2), within(1e-5));
        assertThat(notes.metrics.getLast().get(MARGINS)).isNotCloseTo(0, within(1e-4));
    }

    @Test
    void aReferenceComputedBeforehandIsTheSame() throws InterruptedException {
        var during = run("during", "'max_steps': 6");
        var before = run("before", "'max_steps': 6, 'precompute_ref_log_probs': true");
        for (int i = 0; i < 6; i++) {
            assertThat(before.notes.losses.get(i)).isCloseTo(during.notes.losses.get(i), within(1e-5));
        }
        TrainerTest.assertSame(folder.resolve("before"), folder.resolve("during"), 1e-4f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'lora_dropout': 0.1", "'precompute_ref_log_probs': true", "'reference_free': true, 'rpo_alpha': 1"})
    void aResumedTrainingEqualsAnUninterruptedOne(String more) throws InterruptedException, IOException {
        String options = more + ", 'num_train_epochs': 2, 'lr_scheduler_type': 'cosine', 'eval_strategy': 'steps', 'eval_steps': 3, 'logging_steps': 3";
        // An adapter that has learned something, so that it differs from the base as a reference.
        run("start", "'max_steps': 4");
        var start = Optional.of(folder.resolve("start"));
        var whole = new PairNotes();
        run("whole", options, whole, start);
        var first = new PairNotes();
        first.notes.stopAt = 5;
        assertThat(run("parts", options, first, start).status()).isEqualTo(Status.PAUSED);
        var second = new PairNotes();
        var result = run("parts", options, second, start);
        assertThat(second.notes.resumedFrom).isEqualTo(5);
        assertThat(second.notes.losses).isEqualTo(whole.notes.losses.subList(5, 8));
        assertThat(second.metrics).isEqualTo(whole.metrics.subList(5, 8));
        assertThat(second.notes.evaluations.getLast().metrics()).isEqualTo(whole.notes.evaluations.getLast().metrics());
        assertThat(result.status()).isEqualTo(Status.COMPLETED);
        TrainerTest.assertSame(folder.resolve("parts"), folder.resolve("whole"), 0);
        assertThat(Files.readString(folder.resolve("parts/trainer_state.json")).replaceAll("eval_runtime\" : [^,]+", "").replace("parts", "whole"))
                .isEqualTo(Files.readString(folder.resolve("whole/trainer_state.json")).replaceAll("eval_runtime\" : [^,]+", ""))
                .contains("\"rewards/accuracies\"", "\"eval_rewards/accuracies\"");
    }

    @Test
    void anAdapterThatIsTrainedOnIsComparedWithItself() throws InterruptedException {
        run("start", "'max_steps': 4");
        var notes = new PairNotes();
        run("out", "'max_steps': 2", notes, Optional.of(folder.resolve("start")));
        assertThat(notes.metrics.getFirst().get("rewards/chosen")).isCloseTo(0, within(1e-5));
        assertThat(notes.metrics.getLast().get(MARGINS)).isNotCloseTo(0, within(1e-4));
    }

    @Test
    void whatIsPreferredIsPreferredOfPairsNeverSeen() throws InterruptedException {
        var notes = new PairNotes();
        run("out", "'num_train_epochs': 4, 'eval_strategy': 'epoch', 'target_modules': 'all-linear'", notes, new TrainingData(pairs(32, 1), pairs(8, 2)), Optional.empty());
        var evaluations = notes.notes.evaluations;
        assertThat(evaluations).hasSize(4);
        assertThat(evaluations.getLast().loss()).isLessThan(evaluations.getFirst().loss());
        assertThat(evaluations.getLast().metrics().get(MARGINS)).isGreaterThan(evaluations.getFirst().metrics().get(MARGINS));
        assertThat(evaluations.getLast().metrics().get("rewards/accuracies")).isEqualTo(1);
    }

    @Test
    void bothAnswersOfAPairAreInOneMicroBatch() {
        var order = new TrainingOrder(pairs(9, 3), TrainingOptionsTest.readDpo("{'per_device_train_batch_size': 2, 'group_by_length': true}").batching(), 1);
        for (int step = 0; step < order.stepsPerEpoch(); step++) {
            for (var batch : order.step(step)) {
                assertThat(batch.examples()).hasSizeLessThanOrEqualTo(4);
                assertThat(batch.pairs()).allMatch(pair -> pairs(9, 3).contains(pair));
            }
        }
    }

    @Test
    void rowsOfTheOtherMethodAreRefused() {
        assertThatThrownBy(() -> new Trainer(base, TrainingOptionsTest.read("{}"), new TrainingData(pairs(2, 1), List.of()),
                new TrainingFolder(folder, "llama", Optional.empty()), TrainingHooks.none())).hasMessageContaining("Example");
    }
}
