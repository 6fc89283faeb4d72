package dev.lorikeet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.adapter.AdapterReader;
import dev.lorikeet.model.Fixtures;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.training.data.Example;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// PiSSA on weights that are never changed, beside PEFT, which changes them. src/test/python/pissa_reference.py has written the numbers.
class PissaTest {
    private static final Path REFERENCE = Path.of("src/test/resources/training/pissa.json");
    private static final String PISSA = "{'init_lora_weights': 'pissa', 'r': 4, 'lora_alpha': 6, 'learning_rate': 2e-3, 'max_grad_norm': 0, "
            + "'lr_scheduler_type': 'constant', 'target_modules': 'all-linear', 'per_device_train_batch_size': 64, 'save_strategy': 'no', ";

    @TempDir
    private Path folder;

    private static List<Example> rows() {
        return TrainingGoldenTest.examples(Fixtures.json(Fixtures.folder("llama").resolve("lora/training.json")).get("rows"));
    }

    /// @return the losses
    private List<Double> train(LoadedModel base, String more) throws InterruptedException {
        var losses = new ArrayList<Double>();
        var listener = new TrainingListener() {
            @Override
            public void step(StepReport report) {
                losses.add(report.loss());
            }
        };
        new Trainer(base, TrainingOptionsTest.read(PISSA + more + "}"), new TrainingData(rows(), List.of()),
                new TrainingFolder(folder.resolve("out"), "llama", Optional.empty()), new TrainingHooks(listener, TrainingControl.none(), ServingGate.open())).run();
        return losses;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lossesAndTheChangeOfAWeightAreThoseOfPeft(boolean checkpointing) throws InterruptedException {
        var reference = Fixtures.json(REFERENCE);
        try (var base = Fixtures.load("llama", "float32")) {
            var losses = train(base, "'max_steps': 6, 'gradient_checkpointing': " + checkpointing);
            assertThat(losses).hasSameSizeAs(reference.get("losses"));
            for (int i = 0; i < losses.size(); i++) {
                assertThat(losses.get(i)).as("loss of step %d", i + 1).isCloseTo(reference.get("losses").get(i).doubleValue(), within(1e-4));
            }
            AdapterReader.read(folder.resolve("out"), base).close();
        }
        var values = TrainerTest.adapter(folder.resolve("out"));
        String module = "base_model.model." + reference.get("module").textValue();
        float[] a = values.get(module + ".lora_A.weight");
        float[] b = values.get(module + ".lora_B.weight");
        int inputs = reference.at("/shape/1").intValue();
        for (int out = 0; out < reference.at("/shape/0").intValue(); out++) {
            for (int in = 0; in < inputs; in++) {
                double change = 0;
                for (int k = 0; k < 8; k++) {
                    change += b[out * 8 + k] * a[k * inputs + in];
                }
                assertThat(change * 6 / 4).isCloseTo(reference.get("change").get(out * inputs + in).doubleValue(), within(1e-3));
            }
        }
    }

    @Test
    void itIsWrittenAsAnOrdinaryAdapterOfTwiceTheRank() throws InterruptedException {
        try (var base = Fixtures.load("llama", "float32")) {
            train(base, "'max_steps': 1");
        }
        var config = Fixtures.json(folder.resolve("out/adapter_config.json"));
        assertThat(config.get("r").intValue()).isEqualTo(8);
        assertThat(config.get("lora_alpha").intValue()).isEqualTo(12);
        assertThat(config.get("init_lora_weights").booleanValue()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"'weight_decay': 0.1", "'optim': 'adafactor'", "'use_dora': true", "'modules_to_save': ['lm_head']"})
    void whatWouldChangeItsFrozenHalfIsRefused(String option) {
        assertThatThrownBy(() -> TrainingOptionsTest.read(PISSA + option + "}")).isInstanceOf(TrainingRefusal.class).hasMessageContaining("pissa");
    }
}
