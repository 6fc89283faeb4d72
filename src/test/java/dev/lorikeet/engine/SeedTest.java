package dev.lorikeet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.model.Fixtures;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The same seed gives the same tokens whatever else is in the batch: on real weights, where kernels differ in their last bits with the
/// number of rows and bfloat16 makes those bits large.
class SeedTest {
    private static final int VOCAB = 4096;

    @ParameterizedTest
    @ValueSource(strings = {"bfloat16", "float16", "float32"})
    void aSeededSequenceIsTheSameAloneAndAmongOthers(String dtype) throws Exception {
        try (var loop = new InferenceLoop(); var model = Fixtures.load(Path.of("models/demo"), dtype, 12)) {
            var engine = new Engine(model, new EngineOptions(100, 16, Duration.ofMinutes(5)), loop);
            var random = new SplittableRandom(5);
            for (int seed = 0; seed < 6; seed++) {
                int[] prompt = random.ints(10 + seed * 17, 10, VOCAB).toArray();
                var alone = Requests.read(engine.submit(seeded(prompt, seed))).tokens();
                var others = new ArrayList<TokenStream>();
                for (int i = 0; i < 5; i++) {
                    others.add(engine.submit(Requests.greedy(random.ints(5 + i * 9, 10, VOCAB).toArray(), 60)));
                }
                var streams = new ArrayList<>(List.of(engine.submit(seeded(prompt, seed)), engine.submit(seeded(prompt, seed))));
                for (int i = 0; i < 4; i++) {
                    streams.add(engine.submit(seeded(random.ints(30, 10, VOCAB).toArray(), 100 + i)));
                }
                assertThat(Requests.read(streams.get(0)).tokens()).as("seed %d", seed).isEqualTo(alone);
                assertThat(Requests.read(streams.get(1)).tokens()).as("seed %d", seed).isEqualTo(alone);
                for (var stream : streams.subList(2, streams.size())) {
                    Requests.read(stream);
                }
                for (var stream : others) {
                    Requests.read(stream);
                }
            }
        }
    }

    private static GenerationRequest seeded(int[] prompt, long seed) {
        var sampling = new SamplingParams(1.3, 1, 0, 0, 1, 1, 0, 0, Map.of(), seed);
        return new GenerationRequest(prompt, sampling, Requests.stop(60), OptionalInt.empty(), OptionalInt.empty(), Optional.empty(), true, Optional.empty());
    }
}
