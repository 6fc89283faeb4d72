package dev.lorikeet.training.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog;

/// Read back with TensorFlow's own classes; `src/test/resources/tensorboard/read_events.py` does the same with the `tensorboard` package.
class EventFileTest {
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_700_000_000, 500_000_000), ZoneOffset.UTC);

    @TempDir
    Path folder;

    /// All whole records, as TensorFlow's reader takes them: up to the first that breaks off or has a wrong checksum.
    private static List<Event> events(byte[] bytes) throws IOException {
        List<Event> events = new ArrayList<>();
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (file.remaining() >= 12) {
            int at = file.position();
            int length = (int) file.getLong();
            if (file.getInt() != masked(Arrays.copyOfRange(bytes, at, at + 8)) || file.remaining() < length + 4) {
                break;
            }
            byte[] data = new byte[length];
            file.get(data);
            assertThat(file.getInt()).isEqualTo(masked(data));
            events.add(Event.parseFrom(data));
        }
        return events;
    }

    private static int masked(byte[] data) {
        CRC32C checksum = new CRC32C();
        checksum.update(data);
        int crc = (int) checksum.getValue();
        return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
    }

    @Test
    void whatIsWrittenIsReadByTensorFlowsClasses() throws IOException {
        try (EventFile file = EventFile.create(folder.resolve("runs/a"), OptionalLong.empty(), CLOCK)) {
            file.scalars(1, Map.of("train/loss", 2.5));
            file.scalars(300, Map.of("train/learning_rate", 1e-4));
            List<Event> events = events(Files.readAllBytes(file.path()));
            assertThat(events).hasSize(3);
            assertThat(events.getFirst().getFileVersion()).isEqualTo("brain.Event:2");
            assertThat(events.getFirst().getWallTime()).isEqualTo(1_700_000_000.5);
            assertThat(events.get(1).getStep()).isEqualTo(1);
            var value = events.get(1).getSummary().getValue(0);
            assertThat(value.getTag()).isEqualTo("train/loss");
            assertThat(value.getSimpleValue()).isEqualTo(2.5f);
            assertThat(value.getMetadata().getPluginData().getPluginName()).isEqualTo("scalars");
            assertThat(events.get(2).getStep()).isEqualTo(300);
            assertThat(events.get(2).getSummary().getValue(0).getSimpleValue()).isEqualTo(1e-4f);
            assertThat(file.path().getFileName().toString()).startsWith("events.out.tfevents.1700000000.");
        }
    }

    @Test
    void aFileThatBreaksOffAnywhereKeepsItsWholeRecords() throws IOException {
        byte[] bytes;
        List<Integer> ends = new ArrayList<>();
        try (EventFile file = EventFile.create(folder)) {
            for (int step = 1; step <= 3; step++) {
                ends.add((int) Files.size(file.path()));
                file.scalars(step, Map.of("loss", 1.0 / step));
            }
            bytes = Files.readAllBytes(file.path());
        }
        for (int length = ends.getFirst(); length < bytes.length; length++) {
            int cut = length;
            assertThat(events(Arrays.copyOf(bytes, length))).hasSize((int) ends.stream().filter(end -> end <= cut).count());
        }
    }

    @Test
    void aRunThatGoesOnVoidsTheStepsItRepeats() throws IOException {
        try (EventFile first = EventFile.create(folder, OptionalLong.empty(), CLOCK);
             EventFile second = EventFile.create(folder, OptionalLong.of(7), CLOCK)) {
            assertThat(second.path()).isNotEqualTo(first.path());
            Event restart = events(Files.readAllBytes(second.path())).get(1);
            assertThat(restart.getStep()).isEqualTo(7);
            assertThat(restart.getSessionLog().getStatus()).isEqualTo(SessionLog.SessionStatus.START);
        }
    }
}
