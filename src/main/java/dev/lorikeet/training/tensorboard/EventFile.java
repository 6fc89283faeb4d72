package dev.lorikeet.training.tensorboard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Map;
import java.util.OptionalLong;

/// An `events.out.tfevents…` file: curves for TensorBoard, one record a step. Each record is written whole and at once, so that a reader
/// sees every finished step, and a process that dies leaves at most one broken record at the end, which readers leave out.
///
/// A run that goes on after a stop opens a new file in the same folder; TensorBoard shows the files as one.
public final class EventFile implements AutoCloseable {
    private final Path path;
    private final Clock clock;
    private final FileChannel channel;

    private EventFile(Path path, Clock clock) throws IOException {
        this.path = path;
        this.clock = clock;
        channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    /// Creates a file in the folder, and the folder if need be.
    ///
    /// @param from the step from which this run goes on: what earlier files say from there on is void
    public static EventFile create(Path folder, OptionalLong from, Clock clock) {
        try {
            Files.createDirectories(folder);
            EventFile file = new EventFile(folder.resolve(name(folder, clock)), clock);
            file.append(Event.version(file.now()));
            if (from.isPresent()) {
                file.append(Event.restart(file.now(), from.getAsLong()));
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the event file in " + folder + ": " + e.getMessage(), e);
        }
    }

    public static EventFile create(Path folder) {
        return create(folder, OptionalLong.empty(), Clock.systemUTC());
    }

    private static String name(Path folder, Clock clock) {
        String stem = "events.out.tfevents.%010d.%s.%d.".formatted(clock.instant().getEpochSecond(), host(), ProcessHandle.current().pid());
        int number = 0;
        while (Files.exists(folder.resolve(stem + number))) {
            number++;
        }
        return stem + number;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.-]", "_");
        } catch (UnknownHostException _) {
            return "localhost";
        }
    }

    /// Adds a point to each of the curves, named as in `train/loss`.
    public void scalars(long step, Map<String, Double> values) {
        try {
            append(Event.scalars(now(), step, values));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + path + ": " + e.getMessage(), e);
        }
    }

    private double now() {
        var now = clock.instant();
        return now.getEpochSecond() + now.getNano() / 1e9;
    }

    private void append(byte[] event) throws IOException {
        ByteBuffer record = Records.frame(event);
        while (record.hasRemaining()) {
            channel.write(record);
        }
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        try (channel) {
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + path + ": " + e.getMessage(), e);
        }
    }
}
