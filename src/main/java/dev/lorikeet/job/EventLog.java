package dev.lorikeet.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.LockFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// The events of one job: lines of JSON in a file that only grows. Of the events only their places are held in memory. Other processes may
/// write as well: whoever appends does so under a lock, behind what the others have written. A line that a kill has cut off is dropped by the
/// next who appends. Safe for use by many threads.
final class EventLog {
    private final Path file;
    private final Path lock;
    private final String prefix;
    private long[] places = new long[64];
    private int size;
    private int unreadable;
    private long end;

    EventLog(Path file, String jobId) {
        this.file = file;
        this.prefix = "ftevent-" + jobId.substring(FineTuningJob.PREFIX.length()) + "-";
        this.lock = file.resolveSibling(".events.lock");
        try {
            catchUp();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Takes in the whole lines that are new. @return the length of the file
    private long catchUp() throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        try (var in = new RandomAccessFile(file.toFile(), "r")) {
            long length = in.length();
            if (length > end) {
                byte[] text = new byte[Math.toIntExact(length - end)];
                in.seek(end);
                in.readFully(text);
                scan(text);
            }
            return length;
        }
    }

    private void scan(byte[] text) {
        int start = 0;
        long first = end;
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\n') {
                if (isEvent(Arrays.copyOfRange(text, start, i))) {
                    remember(first + start);
                } else {
                    unreadable++;
                }
                start = i + 1;
            }
        }
        end = first + start;
    }

    private static boolean isEvent(byte[] line) {
        try {
            JobJson.MAPPER.readValue(line, JobEvent.class);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /// Lines that were no events; they are passed over.
    int unreadable() {
        return unreadable;
    }

    private void remember(long place) {
        if (size == places.length) {
            places = Arrays.copyOf(places, 2 * size);
        }
        places[size++] = place;
    }

    private void truncate() throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(end);
        }
    }

    /// Adds an event. What a full disk has cut off is taken back.
    synchronized JobEvent append(long now, JobEvent.Level level, JobEvent.Kind kind, String message, ObjectNode data) throws IOException {
        try (var _ = LockFile.exclusive(lock)) {
            if (catchUp() > end) {
                truncate();
            }
            var event = new JobEvent(prefix + end, now, level, kind, message, data);
            byte[] line = (JobJson.text(event) + "\n").getBytes(StandardCharsets.UTF_8);
            try {
                Files.write(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                truncate();
                throw e;
            }
            remember(end);
            end += line.length;
            notifyAll();
            return event;
        }
    }

    /// How many there are now.
    synchronized int size() {
        try {
            catchUp();
            return size;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Events by their number from 0, the oldest first.
    synchronized List<JobEvent> read(int from, int to) {
        var events = new ArrayList<JobEvent>();
        if (from >= to) {
            return events;
        }
        // A reader is interrupted when its client goes away; a FileChannel would be closed under it.
        try (var in = new RandomAccessFile(file.toFile(), "r")) {
            for (int i = from; i < to; i++) {
                events.add(read(in, places[i], i + 1 < size ? places[i + 1] : end));
            }
            return events;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What stands behind an event's line up to the next event may be an unreadable line: the first line counts.
    private static JobEvent read(RandomAccessFile in, long from, long to) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(to - from)];
        in.seek(from);
        in.readFully(bytes);
        int newline = 0;
        while (newline < bytes.length && bytes[newline] != '\n') {
            newline++;
        }
        return JobJson.MAPPER.readValue(bytes, 0, newline, JobEvent.class);
    }

    /// The number of an event, by its id.
    synchronized OptionalInt find(String id) {
        size();
        try {
            int index = id.startsWith(prefix) ? Arrays.binarySearch(places, 0, size, Long.parseLong(id.substring(prefix.length()))) : -1;
            return index < 0 ? OptionalInt.empty() : OptionalInt.of(index);
        } catch (NumberFormatException _) {
            return OptionalInt.empty();
        }
    }

    /// Waits until there are more than `known` events, but no longer than `patience`.
    synchronized void await(int known, Duration patience) throws InterruptedException {
        if (size <= known) {
            wait(Math.max(1, patience.toMillis()));
        }
    }

    /// Lets those who wait look again, such as for the end of the job.
    synchronized void wake() {
        notifyAll();
    }
}
