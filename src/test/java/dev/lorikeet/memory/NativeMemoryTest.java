package dev.lorikeet.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What libtorch, the tokenizer and the mapped files take, measured as the operating system counts it.
class NativeMemoryTest {
    private static final long MIB = 1 << 20;

    @Test
    void twoThousandRequestsWithRandomCancellationsLeaveMemoryWhereItWas() throws Exception {
        var resident = probe("requests");
        assertThat(resident).hasSize(2);
        assertThat(resident.getLast() - resident.getFirst()).as("bytes more than after the warm-up").isLessThan(12 * MIB);
    }

    @Test
    void unloadingAModelGivesItsBytesBackEveryTime() throws Exception {
        var resident = probe("loads");
        assertThat(resident).hasSize(42);
        long base = resident.get(1);
        for (int i = 2; i < resident.size(); i += 2) {
            // 5.8 million weights in float32 and a full cache of 4 × 512 positions.
            assertThat(resident.get(i) - resident.get(i + 1)).as("bytes that unload %d gives back", i / 2).isGreaterThan(24 * MIB);
        }
        assertThat(resident.getLast() - base).as("bytes more after twenty rounds").isLessThan(20 * MIB);
    }

    /// Its codes are made in memory each time.
    @Test
    void unloadingAQuantisedModelGivesItsBytesBackEveryTime() throws Exception {
        var resident = probe(List.of(), "quantized-loads");
        assertThat(resident).hasSize(42);
        for (int i = 2; i < resident.size(); i += 2) {
            assertThat(resident.get(i) - resident.get(i + 1)).as("bytes that unload %d gives back", i / 2).isGreaterThan(6 * MIB);
        }
        assertThat(resident.getLast() - resident.get(1)).as("bytes more after twenty rounds").isLessThan(20 * MIB);
    }

    @Test
    void twoHundredLoadsAndUnloadsOfAnAdapterLeaveMemoryWhereItWasAndTheBytesFreedAreTrue() throws Exception {
        var numbers = probe("adapters");
        assertThat(numbers).hasSize(223);
        long loaded = numbers.get(19);
        long freed = numbers.get(20);
        long unloaded = numbers.get(21);
        assertThat(freed).isGreaterThan(4 * MIB);
        assertThat(loaded - unloaded).as("resident bytes that come back, of %d", freed).isGreaterThan(freed * 8 / 10);
        assertThat(numbers.getLast() - unloaded).as("bytes more after two hundred").isLessThan(50 * MIB);
    }

    @Test
    void trainingsGiveBackWhatTheyTake() throws Exception {
        var resident = probe("trainings");
        assertThat(resident).hasSize(2);
        // Each has 6 MiB of values, sums and moments, and takes some hundred while it computes.
        assertThat(resident.getLast() - resident.getFirst()).as("bytes more after twelve trainings").isLessThan(12 * MIB);
    }

    private static List<Long> probe(String what) throws Exception {
        return probe(List.of("-XX:TieredStopAtLevel=1"), what);
    }

    /// @param compiler the fewer compilers, the less memory of the JVM's own moves; the kernels in Java need all of them
    private static List<Long> probe(List<String> compiler, String what) throws Exception {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector", "-XX:+UseCompactObjectHeaders", "-XX:+UseSerialGC", "-Xms128m", "-Xmx128m",
                "-XX:+AlwaysPreTouch"));
        command.addAll(compiler);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), MemoryProbe.class.getName(), what));
        var builder = new ProcessBuilder(command);
        // One thread is the fastest for models this small, above all where other processes want the cores too.
        builder.environment().put("OMP_NUM_THREADS", "1");
        var process = builder.redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        var numbers = new ArrayList<Long>();
        output.lines().filter(line -> line.matches("\\d+")).forEach(line -> numbers.add(Long.valueOf(line)));
        return numbers;
    }
}
