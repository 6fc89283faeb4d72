package dev.lorikeet.fuzz;

import dev.lorikeet.api.RequestFuzz;
import dev.lorikeet.chat.jinja.TemplateFuzz;
import dev.lorikeet.model.SafetensorsFuzz;
import dev.lorikeet.terminal.EventLinesFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The targets of the fuzzer on their seeds, on what it once found, and on some thousand blind mutations of both: what `src/test/faults/fuzz.sh`
/// does for minutes, guided by coverage.
class FuzzTargetsTest {
    private static final Path SEEDS = Path.of("src/test/fuzz");
    private static final int MUTATIONS = 300;

    private interface Target {
        void run(byte[] data) throws IOException;
    }

    static Stream<Arguments> targets() {
        return Stream.of(Arguments.of("request", (Target) RequestFuzz::fuzzerTestOneInput), Arguments.of("events", (Target) EventLinesFuzz::fuzzerTestOneInput),
                Arguments.of("safetensors", (Target) SafetensorsFuzz::fuzzerTestOneInput), Arguments.of("template", (Target) TemplateFuzz::fuzzerTestOneInput));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("targets")
    void noInputDoesAnythingButSucceedOrBeRefused(String name, Target target) throws IOException {
        List<Path> seeds;
        try (var files = Files.list(SEEDS.resolve(name))) {
            seeds = files.sorted().toList();
        }
        for (Path seed : seeds) {
            byte[] data = Files.readAllBytes(seed);
            target.run(data);
            var random = new Random(data.length);
            for (int i = 0; i < MUTATIONS; i++) {
                byte[] mutated = mutated(data, random);
                try {
                    target.run(mutated);
                } catch (RuntimeException | Error e) {
                    throw new AssertionError(seed + ", mutation " + i + ": " + Arrays.toString(mutated), e);
                }
            }
        }
    }

    private static byte[] mutated(byte[] data, Random random) {
        byte[] copy = Arrays.copyOf(data, random.nextInt(4) == 0 ? random.nextInt(data.length + 1) : data.length);
        for (int i = 0; copy.length > 0 && i < 1 + random.nextInt(4); i++) {
            int at = random.nextInt(copy.length);
            switch (random.nextInt(3)) {
                case 0 -> copy[at] = (byte) random.nextInt();
                case 1 -> copy[at] ^= (byte) (1 << random.nextInt(8));
                default -> System.arraycopy(data, random.nextInt(data.length), copy, at, Math.min(1, copy.length - at));
            }
        }
        return copy;
    }
}
