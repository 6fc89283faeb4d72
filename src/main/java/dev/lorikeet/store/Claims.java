package dev.lorikeet.store;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Which process works on which folder: exactly one at a time. A claim is a lock of the operating system, which ends with its process, and a
/// heartbeat beside it for file systems that keep locks on each machine apart. Among processes of one machine the lock is proof; that of
/// another machine must also have been silent for [#SILENCE] before its claim is taken over. Safe for use by many threads.
///
/// Why both: `docs/decisions/shared-data-folder.md`.
public final class Claims {
    /// After so long without a heartbeat a holder counts as dead.
    public static final Duration SILENCE = Duration.ofSeconds(30);

    private static final String LOCK = ".claim.lock";
    private static final String NOTE = "claim.json";
    private static final Path KERNEL = Path.of("/proc/sys/kernel/random/boot_id");

    private final String replica;
    private final String machine;
    private final LongSupplier nanos;
    private final Map<Path, Seen> seen = new HashMap<>();

    /// What a holder has written, as JSON: {"replica", "machine", "beat"}.
    private record Note(String replica, String machine, int beat) {}

    /// A note, and when it was first seen. The clocks of two machines need not agree: only this one's is asked.
    private record Seen(Note note, long since) {}

    Claims(String replica, String machine, LongSupplier nanos) {
        this.replica = replica;
        this.machine = machine;
        this.nanos = nanos;
    }

    public static Claims ofThisProcess() {
        return new Claims(RandomId.of("replica-"), machine(), System::nanoTime);
    }

    /// Containers of one machine have names of their own, but one kernel.
    private static String machine() {
        try {
            return Files.isReadable(KERNEL) ? Files.readString(KERNEL).strip() : InetAddress.getLocalHost().getHostName();
        } catch (IOException _) {
            return RandomId.of("machine-");
        }
    }

    /// The right to work on a folder, unless another has it or may have it.
    public Optional<Claim> claim(Path folder) throws IOException {
        var lock = LockFile.tryExclusive(folder.resolve(LOCK));
        if (lock.isEmpty()) {
            return Optional.empty();
        }
        try {
            if (isFree(folder)) {
                var claim = new Claim(folder, lock.get());
                claim.write();
                return Optional.of(claim);
            }
        } catch (IOException | RuntimeException e) {
            lock.get().close();
            throw e;
        }
        lock.get().close();
        return Optional.empty();
    }

    private synchronized boolean isFree(Path folder) {
        var note = note(folder);
        if (note.isEmpty() || note.get().machine().equals(machine)) {
            seen.remove(folder);
            return true;
        }
        var before = seen.get(folder);
        if (before == null || !before.note().equals(note.get())) {
            seen.put(folder, new Seen(note.get(), nanos.getAsLong()));
            return false;
        }
        return nanos.getAsLong() - before.since() >= SILENCE.toNanos();
    }

    /// Empty if there is none, or one that says nothing.
    private static Optional<Note> note(Path folder) {
        try {
            return JsonFile.readIfPresent(folder.resolve(NOTE)).flatMap(json -> json.string("replica").flatMap(replica -> json.string("machine")
                    .map(machine -> new Note(replica, machine, json.integer("beat", 0).orElse(0)))));
        } catch (BadFileException _) {
            return Optional.empty();
        }
    }

    /// The right of this process to work on a folder.
    public final class Claim implements AutoCloseable {
        private final Path folder;
        private final LockFile lock;
        private int beats;
        private long lastBeat;
        private boolean lost;

        private Claim(Path folder, LockFile lock) {
            this.folder = folder;
            this.lock = lock;
        }

        private void write() throws IOException {
            AtomicFile.write(folder.resolve(NOTE), "{\"replica\": \"" + replica + "\", \"machine\": \"" + machine + "\", \"beat\": " + beats++ + "}");
            lastBeat = nanos.getAsLong();
        }

        /// Says that this process is still at work; to be called every few seconds. @throws IOException it could not be written
        public synchronized void beat() throws IOException {
            lost = lost || !isMine();
            if (!lost) {
                write();
            }
        }

        private boolean isMine() {
            return note(folder).filter(note -> note.replica().equals(replica)).isPresent();
        }

        /// Whether nobody has taken over meanwhile, which can happen to a process that stood still for long.
        public synchronized boolean isHeld() {
            if (nanos.getAsLong() - lastBeat > SILENCE.toNanos() / 2) {
                lost = lost || !isMine();
            }
            return !lost;
        }

        @Override
        public synchronized void close() throws IOException {
            try {
                if (!lost && isMine()) {
                    Files.deleteIfExists(folder.resolve(NOTE));
                }
            } finally {
                lost = true;
                lock.close();
            }
        }
    }
}
