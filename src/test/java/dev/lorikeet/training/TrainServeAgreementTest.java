package dev.lorikeet.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.adapter.AdapterReader;
import dev.lorikeet.adapter.AdapterTable;
import dev.lorikeet.adapter.AdapterTable.WeightedSum;
import dev.lorikeet.model.Fixtures;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.Quantization;
import dev.lorikeet.model.StepBatch;
import dev.lorikeet.model.StepBatch.AdapterRows;
import dev.lorikeet.model.StepBatch.Chunk;
import dev.lorikeet.model.StepBatch.LogitRows;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.TensorOwner;
import dev.lorikeet.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The logits by which an adapter was trained are those by which it is served: on a base in fewer bits, unmerged. Differences are root mean
/// squares relative to the spread of the logits; docs/quantization.md has the figures.
class TrainServeAgreementTest {
    private static final List<String> FAMILIES = List.of("llama", "gemma2", "qwen3", "phi3");
    private static final int LENGTH = 48;

    @ParameterizedTest
    @CsvSource({"nf4, float32, 1e-5", "nf4-dq, float32, 1e-5", "fp4, float32, 1e-5", "nf4-float16, float32, 2e-3", "int8, float32, 1e-5", "int4, float32, 1e-5",
        "llm-int8, float32, 5e-3", "nf4, bfloat16, 3e-2", "nf4-float16, bfloat16, 3e-2", "int8, bfloat16, 3e-2", "int4, bfloat16, 3e-2", "llm-int8, bfloat16, 5e-2"})
    void logitsOfTrainingAndServingAgree(String scheme, String dtype, double bound) {
        double worst = 0;
        for (String family : FAMILIES) {
            double difference = difference(family, Quantization.parse(scheme), dtype);
            assertThat(difference).as(family).isLessThan(bound);
            worst = Math.max(worst, difference);
        }
        System.out.printf("train-serve %s %s: %.2g%n", scheme, dtype, worst);
    }

    private static double difference(String family, Quantization scheme, String dtype) {
        var folder = Fixtures.folder(family).resolve("lora/end");
        try (var base = Fixtures.load(family, dtype, scheme)) {
            int[] prompt = new SplittableRandom(3).ints(LENGTH, 3, base.vocabSize()).toArray();
            Torch.enterThread(false);
            float[] served = served(base, folder, prompt);
            Torch.enterThread(true);
            return distance(served, trained(base, StartAdapter.read(folder).own(), folder, prompt));
        }
    }

    private static float[] served(LoadedModel base, java.nio.file.Path folder, int[] prompt) {
        try (var adapter = AdapterReader.read(folder, base)) {
            var mix = new WeightedSum(List.of(adapter), List.of(1.0));
            try (var table = AdapterTable.of(base, List.of(mix))) {
                var rows = Optional.of(new AdapterRows(table.arguments(), new int[] {table.combination(mix)}, new int[] {table.owner(mix)}));
                try (var logits = base.step(new StepBatch(List.of(), List.of(new Chunk(0, 0, prompt, LogitRows.ALL)), rows))) {
                    var all = new float[prompt.length * base.vocabSize()];
                    for (int row = 0; row < prompt.length; row++) {
                        System.arraycopy(logits.row(row), 0, all, row * base.vocabSize(), base.vocabSize());
                    }
                    return all;
                }
            }
        }
    }

    private static float[] trained(LoadedModel base, LoraOptions lora, java.nio.file.Path folder, int[] prompt) {
        var options = TrainingOptionsTest.read("{}");
        options = new StartAdapter(lora).applyTo(options);
        var selection = new TrainedSelection(base, lora);
        int layers = base.plan().config().numHiddenLayers();
        var attention = base.plan().config().attention();
        try (var script = TrainingProgram.compile(base, options, selection);
                var state = new TrainedState(base, selection, script, new InitialValues(base, script, lora).read(folder, selection.tensors()));
                var scope = TensorOwner.open(base.plan().device())) {
            var ends = script.record(scope, "aliases", base.outerWeights());
            var frequencies = attention.ropes().stream().map(rope -> scope.ofFloats(rope.inverseFrequencies(attention.headDim()))).toList();
            var positions = new long[prompt.length];
            var ids = new long[prompt.length];
            for (int i = 0; i < prompt.length; i++) {
                positions[i] = i;
                ids[i] = prompt[i];
            }
            var tables = script.record(scope, "rope", scope.ofLongs(positions), frequencies, ends);
            Tensor bounds = scope.ofLongs(0, prompt.length);
            Tensor x = script.record(scope, "embed_plain", ends, scope.ofLongs(ids), bounds, scope.ofLongs(0, 0), state.group(layers).values()).getFirst();
            for (int layer = 0; layer < layers; layer++) {
                var weights = new ArrayList<>(script.record(scope, "aliases", base.layerWeights(layer)));
                x = script.record(scope, "layer_plain", x, weights, tables, bounds, scope.ofLongs(layer, 0), state.group(layer).values()).getFirst();
            }
            return script.record(scope, "logits", x, ends, scope.ofLongs(0, 0), state.group(layers + 1).values()).getFirst().toFloats();
        }
    }

    private static double distance(float[] a, float[] b) {
        assertThat(b).hasSameSizeAs(a);
        double mean = 0;
        for (float value : a) {
            mean += value / (double) a.length;
        }
        double difference = 0;
        double spread = 0;
        for (int i = 0; i < a.length; i++) {
            difference += Math.pow(a[i] - b[i], 2);
            spread += Math.pow(a[i] - mean, 2);
        }
        return Math.sqrt(difference / spread);
    }
}
