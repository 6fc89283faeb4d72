package dev.lorikeet.shared;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.ModelPlan;
import dev.lorikeet.model.Quantization;
import dev.lorikeet.model.StepBatch;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What quantising costs two trained models, on the texts of their references. They are tiny, so they lose more than large ones.
/// Not part of the default tests: `-Dtest='Shared*Check' -Dshared=<folder with models/>`.
class SharedQuantizationCheck {
    /// @param bound nats by which the mean negative log-likelihood of a token may rise; how many choices may differ is only a guard, since a few
    /// dozen tokens are no measure
    @ParameterizedTest
    @CsvSource({"stories260K-hf, int8, 0.02", "stories260K-hf, llm-int8, 0.02", "stories260K-hf, nf4, 0.35", "stories260K-hf, nf4-dq, 0.35",
        "stories260K-hf, fp4, 0.7", "stories260K-hf, int4, 0.35", "story-1m, int8, 0.02", "story-1m, llm-int8, 0.02", "story-1m, nf4, 0.35",
        "story-1m, nf4-dq, 0.35", "story-1m, fp4, 0.7", "story-1m, int4, 0.35"})
    void perplexityAndGreedyChoicesKeepToTheBound(String folder, String scheme, double bound) {
        var runs = References.read(models().resolve(folder).resolve("REFERENCE_OUTPUT.txt"));
        assertThat(runs).hasSizeGreaterThan(1);
        var full = read(folder, Optional.empty(), runs);
        var quantized = read(folder, Optional.of(Quantization.parse(scheme)), runs);
        double same = IntStream.range(0, full.choices().size()).filter(i -> full.choices().get(i).equals(quantized.choices().get(i))).count() / (double) full.choices().size();
        System.getLogger("check").log(System.Logger.Level.INFO, "%s %s: %.4f nats a token, %.4f in full precision, %+.4f; %.1f %% of %d greedy choices the same".formatted(
                folder, scheme, quantized.nats(), full.nats(), quantized.nats() - full.nats(), 100 * same, full.choices().size()));
        assertThat(quantized.nats() - full.nats()).as("%s %s", folder, scheme).isLessThan(bound);
        assertThat(same).as("%s %s: share of greedy choices that are the same", folder, scheme).isGreaterThan(bound < 0.1 ? 0.9 : 0.75);
    }

    /// @param nats mean negative log-likelihood of a token @param choices the likeliest token at each place
    private record Reading(double nats, List<Long> choices) {}

    private static Reading read(String folder, Optional<Quantization> scheme, List<References.Run> runs) {
        Torch.enterThread(false);
        double sum = 0;
        var choices = new ArrayList<Long>();
        var options = new ModelPlan.Options(new TensorDevice.Cpu(), "auto", 0, 1).quantized(scheme);
        try (var model = LoadedModel.load(ModelPlan.of(models().resolve(folder), options), _ -> { })) {
            for (var run : runs) {
                int[] ids = IntStream.concat(Arrays.stream(run.promptIds()), Arrays.stream(run.outputIds())).toArray();
                long[] rows = IntStream.range(0, ids.length - 1).asLongStream().toArray();
                long[] next = Arrays.stream(ids, 1, ids.length).asLongStream().toArray();
                try (var logits = model.step(new StepBatch(List.of(), List.of(new StepBatch.Chunk(0, 0, ids, StepBatch.LogitRows.ALL))))) {
                    var scores = logits.score(rows, next, 1);
                    for (int i = 0; i < rows.length; i++) {
                        sum -= scores.own()[i];
                        choices.add(scores.bestIds()[i]);
                    }
                }
            }
        }
        return new Reading(sum / choices.size(), choices);
    }

    private static Path models() {
        String shared = System.getProperty("shared");
        assertThat(shared).as("-Dshared=<folder>").isNotNull();
        return Path.of(shared, "models");
    }
}
