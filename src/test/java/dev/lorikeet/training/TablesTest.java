package dev.lorikeet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.model.Fixtures;
import dev.lorikeet.tensor.DynamicMap;
import dev.lorikeet.tensor.Script;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.TensorOwner;
import dev.lorikeet.tensor.Torch;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Schedules, optimizers and the 8-bit map against the tables that `benchmarks/peers/training_tables.py` writes.
class TablesTest {
    private static final JsonNode TABLES = Fixtures.json(Path.of("src/test/resources/training/tables.json"));

    @Test
    void everyScheduleIsThatOfTransformers() {
        for (var table : TABLES.get("schedules")) {
            String name = table.get("name").textValue();
            var options = TrainingOptionsTest.read("{'lr_scheduler_type': '" + name + "', 'warmup_steps': " + table.get("warmup") + "}");
            var rate = LearningRate.of(options.schedule(), table.get("rate").doubleValue(), table.get("total").intValue());
            for (int step = 0; step < table.get("rates").size(); step++) {
                assertThat(rate.at(step)).as("%s, warm-up %s, step %d", name, table.get("warmup"), step)
                        .isCloseTo(table.get("rates").get(step).doubleValue(), within(1e-12));
            }
        }
    }

    @Test
    void warmupRatioIsRoundedUpAsTransformersDoes() {
        var options = TrainingOptionsTest.read("{'warmup_ratio': 0.05}");
        assertThat(LearningRate.of(options.schedule(), 1, 41).warmupSteps()).isEqualTo(3);
    }

    @Test
    void theEightBitMapIsThatOfBitsandbytes() {
        assertThat(DynamicMap.signed()).containsExactly(Fixtures.floats(TABLES.get("dynamic_map").get("signed")), within(1e-7f));
        assertThat(DynamicMap.unsigned()).containsExactly(Fixtures.floats(TABLES.get("dynamic_map").get("unsigned")), within(1e-7f));
    }

    private static List<Tensor> tensors(TensorOwner owner, JsonNode pair) {
        return List.of(owner.ofFloats(Fixtures.floats(pair.get(0)), 3, 4), owner.ofFloats(Fixtures.floats(pair.get(1)), 5));
    }

    @Test
    void everyOptimizerStepIsThatOfTorchAndTransformers() {
        Torch.enterThread(true);
        var options = TrainingOptionsTest.read("{}");
        try (var base = Fixtures.load("llama", "float32")) {
            Torch.enterThread(true);
            try (var script = TrainingProgram.compile(base, options, new TrainedSelection(base, options.lora()))) {
                TABLES.get("optimizers").forEach(table -> compare(script, table));
            }
        }
    }

    private static void compare(Script script, JsonNode table) {
        String name = table.get("name").textValue();
        try (var owner = TensorOwner.open(new TensorDevice.Cpu())) {
            var p = script.record(owner, "copies", tensors(owner, table.get("start")));
            var one = script.record(owner, name.equals("adafactor") ? "moments_adafactor" : "zeros_like", p);
            var other = script.record(owner, "zeros_like", p);
            var decays = owner.ofLongs(1, 1);
            for (int step = 1; step <= table.get("after").size(); step++) {
                var g = tensors(owner, table.get("gradients").get(step - 1));
                switch (name) {
                    case "adamw_torch" -> script.record(owner, "adamw", p, g, one, other, decays,
                            owner.ofDoubles(0.01, 0.9, 0.999, 1e-8, 0.1, 1 - Math.pow(0.9, step), 1 - Math.pow(0.999, step)));
                    case "sgd" -> script.record(owner, "sgd", p, g, decays, owner.ofDoubles(0.01, 0.1));
                    case "adafactor" -> script.record(owner, "adafactor", p, g, one.subList(0, 2), one.subList(2, 4), decays,
                            owner.ofDoubles(0.01, 0.1, 1 - Math.pow(step, -0.8)));
                    default -> throw new AssertionError(name);
                }
                for (int i = 0; i < 2; i++) {
                    assertThat(p.get(i).toFloats()).as("%s, step %d", name, step)
                            .containsExactly(Fixtures.floats(table.get("after").get(step - 1).get(i)), within(1e-6f));
                }
            }
        }
    }

    /// Of two codes the nearer one, so the error of a value is at most half the gap between its neighbours; signs never turn.
    @Test
    void momentsInEightBitsAreTheNearestCodesAndKeepTheirSign() {
        Torch.enterThread(true);
        var options = TrainingOptionsTest.read("{}");
        try (var base = Fixtures.load("llama", "float32")) {
            Torch.enterThread(true);
            try (var script = TrainingProgram.compile(base, options, new TrainedSelection(base, options.lora()));
                    var owner = TensorOwner.open(new TensorDevice.Cpu())) {
                var random = new java.util.SplittableRandom(3);
                var x = new float[512];
                for (int i = 0; i < x.length; i++) {
                    x[i] = (float) (random.nextDouble(-1, 1) * Math.pow(10, random.nextInt(-9, 1)));
                }
                var moments = script.record(owner, "moments_8bit", List.of(owner.ofFloats(new float[5000], 50, 100)));
                assertThat(moments.getFirst().shape()).containsExactly(20, 256);
                var codes = script.record(owner, "moments_8bit", List.of(owner.ofFloats(new float[4096], 64, 64)));
                assertThat(codes.getLast().shape()).containsExactly(16);
                var map = owner.ofFloats(DynamicMap.signed());
                var whole = java.util.Arrays.copyOf(x, 4096);
                script.record(owner, "to_codes", owner.ofFloats(whole, 16, 256), codes.getFirst(), codes.getLast(), map);
                float[] back = script.record(owner, "from_codes", codes.getFirst(), codes.getLast(), map).getFirst().toFloats();
                for (int i = 0; i < x.length; i++) {
                    assertThat(back[i]).as("%s", x[i]).isCloseTo(x[i], within(0.012f));
                    assertThat(Math.signum(back[i]) * Math.signum(x[i])).isGreaterThanOrEqualTo(0);
                }
            }
        }
    }
}
