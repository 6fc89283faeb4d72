package dev.lorikeet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.training.data.DataOptions;
import dev.lorikeet.training.data.PreferenceLengths;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingOptionsTest {

    static TrainingOptions read(String json) {
        try {
            return TrainingOptions.read(new ObjectMapper().readTree(json.replace('\'', '"')));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// As printed by peft 0.21's `LoraConfig()` and trl 1.13's `SFTConfig`.
    @Test
    void absentOptionsHaveTheDefaultsOfPeftAndTrl() {
        var options = read("{}");
        assertThat(options.lora()).isEqualTo(new LoraOptions(8, 8, 0, new LoraOptions.TargetModules.FamilyDefault(), false, false, LoraOptions.Bias.NONE,
                false, LoraOptions.Init.DEFAULT, List.of()));
        assertThat(options.optimization()).isEqualTo(new TrainingOptions.Optimization(TrainingOptions.Optimizer.ADAMW, "adamw_torch", 2e-5, 0, 0.9, 0.999,
                1e-8, 1));
        assertThat(options.batching()).isEqualTo(new TrainingOptions.Batching(8, 8, 1, true, false, false, 1024));
        assertThat(options.schedule().scheduler()).isEqualTo(TrainingOptions.Scheduler.LINEAR);
        assertThat(options.schedule().epochs()).isEqualTo(3);
        assertThat(options.saving().steps()).isEqualTo(500);
        assertThat(options.seed()).isEqualTo(42);
    }

    static Stream<String> keys() {
        return Stream.of(TrainingOptions.keys(), DataOptions.KEYS, TrainingMethod.Dpo.KEYS, PreferenceLengths.KEYS).flatMap(Collection::stream).distinct();
    }

    @ParameterizedTest
    @MethodSource("keys")
    void everyOptionStandsInTheTableOfTheDocument(String key) throws IOException {
        assertThat(Files.readAllLines(Path.of("docs/training.md"))).anyMatch(line -> line.startsWith("| `") && line.split(" \\| ")[0].contains("`" + key + "`"));
    }

    static TrainingOptions readDpo(String json) {
        try {
            return TrainingOptions.readDpo(new ObjectMapper().readTree(json.replace('\'', '"')));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// As printed by trl 1.13's `DPOConfig`.
    @Test
    void absentOptionsOfPreferencesHaveTheDefaultsOfTrl() {
        assertThat(readDpo("{}").method()).isEqualTo(new TrainingMethod.Dpo(new PreferenceLoss(PreferenceLoss.Type.SIGMOID, 0.1, 0), 0, false, false));
        assertThat(read("{}").method()).isEqualTo(new TrainingMethod.Supervised());
        assertThat(readDpo("{'loss_type': ['ipo']}").method()).isEqualTo(readDpo("{'loss_type': 'ipo'}").method());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"beta | 0", "beta | 'auto'", "loss_type | 'kto'", "loss_type | ['sigmoid', 'sft']", "label_smoothing | 0.5",
        "rpo_alpha | -1", "reference_free | 1", "precompute_ref_log_probs | 'yes'", "packing | true"})
    void preferencesThatAreOutOfRangeAreRefusedByName(String key, String value) {
        assertThatThrownBy(() -> readDpo("{'" + key + "': " + value + "}")).isInstanceOf(TrainingRefusal.class).hasMessageContaining("`" + key + "`");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"label_smoothing | {'loss_type': 'hinge', 'label_smoothing': 0.1}",
        "label_smoothing | {'loss_type': 'ipo', 'label_smoothing': 0.1}", "precompute_ref_log_probs | {'reference_free': true, 'precompute_ref_log_probs': true}"})
    void preferencesThatDoNotGoTogetherAreRefusedByName(String key, String options) {
        assertThatThrownBy(() -> readDpo(options)).isInstanceOf(TrainingRefusal.class).hasMessageContaining("`" + key + "`");
    }

    @ParameterizedTest
    @ValueSource(strings = {"beta", "loss_type", "label_smoothing", "reference_free", "precompute_ref_log_probs", "rpo_alpha"})
    void preferencesAreNoOptionsOfSupervisedTraining(String key) {
        assertThatThrownBy(() -> read("{'" + key + "': 1}")).isInstanceOf(TrainingRefusal.class).hasMessageContaining("`" + key + "`");
    }

    @Test
    void evaluationIsAsOftenAsLoggingIfNothingElseIsSaid() {
        assertThat(read("{'logging_steps': 7, 'eval_strategy': 'steps'}").evaluation().steps()).isEqualTo(7);
    }

    @Test
    void pagedAndFusedOptimizersComputeWhatThePlainOnesDo() {
        assertThat(read("{'optim': 'paged_adamw_32bit'}").optimization().optimizer()).isEqualTo(TrainingOptions.Optimizer.ADAMW);
        assertThat(read("{'optim': 'paged_adamw_8bit'}").optimization().optimizer()).isEqualTo(TrainingOptions.Optimizer.ADAMW_8BIT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora_rank", "optim_args", "gradient_checkpointing_kwargs", "rank_pattern", "load_in_4bit"})
    void anUnknownOptionIsRefusedByName(String key) {
        assertThatThrownBy(() -> read("{'" + key + "': 1}")).isInstanceOf(TrainingRefusal.class).hasMessageContaining("`" + key + "`");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"r | 0", "r | 1.5", "lora_alpha | -1", "lora_dropout | 1", "target_modules | []", "target_modules | '(('",
        "use_dora | 1", "bias | 'some'", "init_lora_weights | 'olora'", "optim | 'lion'", "learning_rate | 'fast'", "adam_beta2 | 1",
        "lr_scheduler_type | 'inverse_sqrt'", "warmup_steps | -1", "warmup_ratio | 2", "max_steps | 0", "num_train_epochs | 0",
        "per_device_train_batch_size | 0", "gradient_accumulation_steps | 0", "max_grad_norm | -1", "neftune_noise_alpha | 0", "seed | -1",
        "eval_strategy | 'sometimes'", "save_steps | 1.5", "save_total_limit | 0", "early_stopping_patience | 3", "load_best_model_at_end | true",
        "max_seq_length | 1"})
    void whatIsOutOfRangeIsRefusedByName(String key, String value) {
        assertThatThrownBy(() -> read("{'" + key + "': " + value + "}")).isInstanceOf(TrainingRefusal.class).hasMessageContaining("`" + key + "`");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'bf16': true, 'fp16': true}", "{'lora_bias': true, 'use_dora': true}", "{'use_dora': true, 'init_lora_weights': 'pissa'}",
        "{'load_best_model_at_end': true, 'eval_strategy': 'steps', 'eval_steps': 20, 'save_steps': 50}",
        "{'load_best_model_at_end': true, 'eval_strategy': 'epoch', 'save_strategy': 'steps'}"})
    void whatDoesNotGoTogetherIsRefused(String options) {
        assertThatThrownBy(() -> read(options)).isInstanceOf(TrainingRefusal.class);
    }
}
