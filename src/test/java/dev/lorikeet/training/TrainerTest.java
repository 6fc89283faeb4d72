package dev.lorikeet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.adapter.AdapterReader;
import dev.lorikeet.model.Fixtures;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.SafetensorsFile;
import dev.lorikeet.training.TrainingResult.Status;
import dev.lorikeet.training.data.Example;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The laws of training: other ways to the same numbers, and what is there after an end of any kind.
class TrainerTest {
    private static final String SMALL = "'r': 2, 'lora_alpha': 4, 'logging_steps': 1";
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

    /// Random rows, of which the second half of each is learned.
    static List<Example> rows(int count) {
        var random = new SplittableRandom(count);
        var rows = new ArrayList<Example>();
        for (int i = 0; i < count; i++) {
            int[] ids = random.ints(6 + random.nextInt(20), 3, 500).toArray();
            int[] labels = ids.clone();
            Arrays.fill(labels, 0, ids.length / 2, Example.IGNORED);
            rows.add(new Example(ids, labels, i + 1));
        }
        return rows;
    }

    /// What a run told, and where it is to be stopped.
    static final class Notes implements TrainingListener, TrainingControl {
        final List<Double> losses = new ArrayList<>();
        final List<EvaluationReport> evaluations = new ArrayList<>();
        final List<Integer> saved = new ArrayList<>();
        final List<String> warnings = new ArrayList<>();
        int stopAt = Integer.MAX_VALUE;
        Wish wishThen = Wish.PAUSE;
        int resumedFrom;

        @Override
        public void started(Plan plan, int resumedFrom) {
            this.resumedFrom = resumedFrom;
        }

        @Override
        public void step(StepReport report) {
            losses.add(report.loss());
        }

        @Override
        public void evaluated(EvaluationReport report) {
            evaluations.add(report);
        }

        @Override
        public void saved(int step, Path folder) {
            saved.add(step);
        }

        @Override
        public void warning(String message) {
            warnings.add(message);
        }

        @Override
        public Wish wish() {
            return losses.size() >= stopAt ? wishThen : Wish.GO_ON;
        }
    }

    private static TrainingResult run(Path output, String options, Notes notes, List<Example> train, List<Example> validation) throws InterruptedException {
        var folder = new TrainingFolder(output, "llama", Optional.empty());
        String batch = options.contains("train_batch_size") ? "" : ", 'per_device_train_batch_size': 2";
        String rate = options.contains("learning_rate") ? "" : ", 'learning_rate': 0.01";
        return new Trainer(base, TrainingOptionsTest.read("{" + SMALL + batch + rate + ", " + options + "}"), new TrainingData(train, validation), folder,
                new TrainingHooks(notes, notes, ServingGate.open())).run();
    }

    private TrainingResult run(String name, String options, Notes notes) throws InterruptedException {
        return run(folder.resolve(name), options, notes, rows(8), List.of());
    }

    static Map<String, float[]> adapter(Path folder) {
        var values = new LinkedHashMap<String, float[]>();
        try (var arena = Arena.ofConfined()) {
            SafetensorsFile.open(folder.resolve("adapter_model.safetensors"), arena).tensors()
                    .forEach((name, entry) -> values.put(name, entry.bytes().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED)));
        }
        return values;
    }

    static void assertSame(Path actual, Path expected, float tolerance) {
        var wanted = adapter(expected);
        var values = adapter(actual);
        assertThat(values.keySet()).isEqualTo(wanted.keySet());
        values.forEach((name, floats) -> assertThat(floats).as(name).containsExactly(wanted.get(name), within(tolerance)));
    }

    @Test
    void accumulatedMicroBatchesEqualOneLargeBatch() throws InterruptedException {
        var large = new Notes();
        var small = new Notes();
        run("large", "'per_device_train_batch_size': 4, 'max_steps': 3", large);
        run("small", "'per_device_train_batch_size': 1, 'gradient_accumulation_steps': 4, 'max_steps': 3", small);
        for (int i = 0; i < 3; i++) {
            assertThat(small.losses.get(i)).isCloseTo(large.losses.get(i), within(1e-5));
        }
        assertSame(folder.resolve("small"), folder.resolve("large"), 1e-4f);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'lora_dropout': 0", "'lora_dropout': 0.2, 'neftune_noise_alpha': 5", "'use_dora': true, 'lora_dropout': 0.1",
        "'target_modules': ['q_proj', 'lm_head', 'embed_tokens']", "'modules_to_save': ['lm_head', 'norm']", "'lora_bias': true"})
    void layersComputedTwiceEqualLayersKept(String options) throws InterruptedException {
        var kept = new Notes();
        var again = new Notes();
        run("kept", options + ", 'max_steps': 3, 'gradient_checkpointing': false", kept);
        run("again", options + ", 'max_steps': 3, 'gradient_checkpointing': true", again);
        assertThat(again.losses).isEqualTo(kept.losses);
        assertSame(folder.resolve("again"), folder.resolve("kept"), 1e-6f);
    }

    @Test
    void packedRowsLearnTheSameAsRowsAlone() throws InterruptedException {
        var alone = new Notes();
        var packed = new Notes();
        run("alone", "'per_device_train_batch_size': 8, 'max_steps': 3", alone);
        run("packed", "'per_device_train_batch_size': 8, 'max_steps': 3, 'packing': true, 'max_seq_length': 48", packed);
        for (int i = 0; i < 3; i++) {
            assertThat(packed.losses.get(i)).isCloseTo(alone.losses.get(i), within(1e-5));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"adamw_torch", "adamw_8bit", "sgd", "adafactor"})
    void aResumedTrainingEqualsAnUninterruptedOne(String optim) throws InterruptedException {
        String options = "'optim': '" + optim + "', 'modules_to_save': ['lm_head'], 'num_train_epochs': 2, 'lora_dropout': 0.1, 'lr_scheduler_type': 'cosine', 'eval_strategy': 'steps', "
                + "'eval_steps': 3";
        var whole = new Notes();
        run(folder.resolve("whole"), options, whole, rows(8), rows(3));
        var first = new Notes();
        first.stopAt = 5;
        assertThat(run(folder.resolve("parts"), options, first, rows(8), rows(3)).status()).isEqualTo(Status.PAUSED);
        var second = new Notes();
        var result = run(folder.resolve("parts"), options, second, rows(8), rows(3));
        assertThat(second.resumedFrom).isEqualTo(5);
        assertThat(first.losses).isEqualTo(whole.losses.subList(0, 5));
        assertThat(second.losses).isEqualTo(whole.losses.subList(5, 8));
        assertThat(result.status()).isEqualTo(Status.COMPLETED);
        assertThat(result.trainedTokens()).isEqualTo(2L * rows(8).stream().mapToInt(Example::learnedTokens).sum());
        assertSame(folder.resolve("parts"), folder.resolve("whole"), 0);
    }

    @Test
    void aHalfWrittenCheckpointIsNotResumedFrom() throws InterruptedException, IOException {
        Files.createDirectories(folder.resolve("out/.checkpoint-7.partial-x"));
        var notes = new Notes();
        run("out", "'max_steps': 2", notes);
        assertThat(notes.resumedFrom).isZero();
        assertThat(folder.resolve("out/.checkpoint-7.partial-x")).doesNotExist();
    }

    @Test
    void aCheckpointOfAnotherTrainingIsRefused() throws InterruptedException {
        run("out", "'max_steps': 2", new Notes());
        assertThatThrownBy(() -> run("out", "'max_steps': 2, 'seed': 1", new Notes())).hasMessageContaining("seed").hasMessageContaining("another");
    }

    @Test
    void onlySoManyCheckpointsStayAndTheBestIsOneOfThem() throws InterruptedException, IOException {
        var notes = new Notes();
        var result = run(folder.resolve("out"), "'max_steps': 6, 'save_steps': 1, 'save_total_limit': 2, 'eval_strategy': 'steps', 'eval_steps': 1, "
                + "'load_best_model_at_end': true", notes, rows(8), rows(3));
        var checkpoints = new Checkpoints(folder.resolve("out"), java.util.OptionalInt.empty()).all();
        assertThat(notes.saved).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(checkpoints).hasSize(2).contains(result.bestCheckpoint().orElseThrow());
        assertSame(folder.resolve("out"), result.bestCheckpoint().orElseThrow(), 0);
    }

    @Test
    void trainingStopsEarlyWhenValidationDoesNotImprove() throws InterruptedException {
        var notes = new Notes();
        var result = run(folder.resolve("out"), "'max_steps': 50, 'learning_rate': 0, 'eval_strategy': 'steps', 'eval_steps': 1, "
                + "'early_stopping_patience': 2", notes, rows(8), rows(3));
        assertThat(result.step()).isEqualTo(3);
        assertThat(result.status()).isEqualTo(Status.COMPLETED);
    }

    @Test
    void aCancelledTrainingEndsBeforeItsNextMicroBatch() throws InterruptedException {
        var notes = new Notes();
        notes.stopAt = 2;
        notes.wishThen = TrainingControl.Wish.CANCEL;
        assertThat(run("out", "'max_steps': 9", notes).status()).isEqualTo(Status.CANCELLED);
        assertThat(notes.losses).hasSize(2);
        assertThat(folder.resolve("out/adapter_config.json")).doesNotExist();
    }

    @Test
    void evaluationIsTheLossOfTheRowsWithoutLearning() throws InterruptedException {
        var notes = new Notes();
        run(folder.resolve("out"), "'max_steps': 1, 'learning_rate': 0, 'per_device_train_batch_size': 8, 'eval_strategy': 'steps', 'eval_steps': 1",
                notes, rows(8), rows(8));
        assertThat(notes.evaluations.getFirst().loss()).isCloseTo(notes.losses.getFirst(), within(1e-5));
        assertThat(notes.evaluations.getFirst().metrics().get("perplexity")).isCloseTo(Math.exp(notes.losses.getFirst()), within(1e-2));
    }

    @Test
    void everyKindOfAdapterThatIsTrainedCanBeServed() throws InterruptedException {
        for (String options : List.of("'use_dora': true", "'lora_bias': true", "'target_modules': ['q_proj', 'lm_head', 'embed_tokens']",
                "'modules_to_save': ['lm_head', 'norm', 'embed_tokens']", "'init_lora_weights': 'gaussian', 'use_rslora': true", "'target_modules': '.*mlp.*'")) {
            String name = Integer.toHexString(options.hashCode());
            run(name, options + ", 'max_steps': 2", new Notes());
            AdapterReader.read(folder.resolve(name), base).close();
        }
    }

    /// What the expression does not match of whole modules, such as `mlp` itself, PEFT would refuse: its list takes whole paths.
    @Test
    void modulesOfAnExpressionAreWrittenByTheirPaths() throws InterruptedException {
        run("out", "'target_modules': '.*layers.1.mlp.*', 'max_steps': 1", new Notes());
        var config = Fixtures.json(folder.resolve("out/adapter_config.json"));
        assertThat(config.get("target_modules").toString()).isEqualTo("[\"model.layers.1.mlp.down_proj\",\"model.layers.1.mlp.gate_proj\",\"model.layers.1.mlp.up_proj\"]");
    }

    /// PEFT's `_set_trainable` compares the ends of names without regard to dots: this is what it stores for `norm`.
    @Test
    void aNameOfModulesToSaveMeansEveryModuleThatEndsSo() throws InterruptedException {
        run("out", "'modules_to_save': ['norm'], 'max_steps': 1", new Notes());
        try (var arena = Arena.ofConfined()) {
            var whole = SafetensorsFile.open(folder.resolve("out/adapter_model.safetensors"), arena).tensors().keySet().stream()
                    .filter(name -> !name.contains("lora_")).toList();
            assertThat(whole).containsExactlyInAnyOrder("base_model.model.model.norm.weight", "base_model.model.model.layers.0.input_layernorm.weight",
                    "base_model.model.model.layers.0.post_attention_layernorm.weight", "base_model.model.model.layers.1.input_layernorm.weight",
                    "base_model.model.model.layers.1.post_attention_layernorm.weight");
        }
    }

    @Test
    void aNameThatNoModuleHasIsRefused() {
        assertThatThrownBy(() -> run("out", "'target_modules': ['q_proj', 'c_attn']", new Notes())).isInstanceOf(TrainingRefusal.class)
                .hasMessageContaining("c_attn").hasMessageContaining("q_proj");
    }

    @ParameterizedTest
    @CsvSource({"bf16, 0.03", "fp16, 0.004"})
    void halfPrecisionLearnsNearlyTheSameAndKeepsWhatIsLearnedInFloat32(String precision, double near) throws InterruptedException {
        var whole = new Notes();
        var half = new Notes();
        run("whole", "'max_steps': 4", whole);
        run("half", "'max_steps': 4, '" + precision + "': true", half);
        assertThat(half.losses).isNotEqualTo(whole.losses);
        for (int i = 0; i < 4; i++) {
            assertThat(half.losses.get(i)).isCloseTo(whole.losses.get(i), within(near));
        }
        adapter(folder.resolve("half")).forEach((name, values) -> assertThat(isHalf(values)).as(name).isFalse());
    }

    /// Whether all these numbers are such as bfloat16 or float16 can hold.
    private static boolean isHalf(float[] values) {
        return IntStream.range(0, values.length).allMatch(i -> (Float.floatToRawIntBits(values[i]) & 0xffff) == 0)
                || IntStream.range(0, values.length).allMatch(i -> Float.float16ToFloat(Float.floatToFloat16(values[i])) == values[i]);
    }

    @Test
    void anOverflowOfFloat16SkipsTheStepAndHalvesTheScale() throws InterruptedException {
        var notes = new Notes();
        run("out", "'max_steps': 3, 'fp16': true, 'lora_alpha': 1e5, 'learning_rate': 1e-9", notes);
        assertThat(notes.warnings).isNotEmpty().allMatch(warning -> warning.matches("step \\d+: gradients overflowed float16; the step is skipped .*"));
        assertThat(notes.warnings.getFirst()).endsWith("32768.0");
    }

    @Test
    void aLossThatIsNoNumberStopsTheTrainingWithStepAndRows() {
        assertThatThrownBy(() -> run("out", "'max_steps': 9, 'lora_alpha': 4e6, 'learning_rate': 1e36, 'max_grad_norm': 0, 'lr_scheduler_type': 'constant'", new Notes())).isInstanceOf(TrainingFailure.class)
                .hasFieldOrPropertyWithValue("reason", TrainingFailure.Reason.LOSS_NOT_FINITE)
                .hasMessageMatching("(?s).*step \\d+: the (loss|gradients) (is|are) .*rows \\d+.*");
    }
}
