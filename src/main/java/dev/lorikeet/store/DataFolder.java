package dev.lorikeet.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;

/// The folder in which the server keeps what it writes. Several processes may have it open at once.
///
/// @param abandoned what is half-written and was not touched since then belongs to nobody any more
public record DataFolder(Path root, Instant abandoned) {
    /// Nobody who still writes something is silent for so long.
    private static final Duration SILENCE = Duration.ofHours(1);
    private static final String LOCK = ".open.lock";

    /// Opens the folder, which is made if it is not there, until the process ends. Where no other process has it open, all that is
    /// half-written was left by one that was killed.
    ///
    /// @throws BadFileException it cannot be used, such as where the file system has no locks
    public static DataFolder open(Path root) {
        Path file = root.resolve(LOCK);
        try {
            Files.createDirectories(root);
            // Never closed: the lock says that this process is there.
            var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            var alone = channel.tryLock();
            if (alone != null) {
                alone.release();
            }
            channel.lock(0, Long.MAX_VALUE, true);
            return new DataFolder(root, alone != null ? Instant.MAX : Instant.now().minus(SILENCE));
        } catch (IOException e) {
            throw new BadFileException(file, "cannot be locked (" + e.getMessage() + "): the data folder needs a file system with locks, which several servers may share", e);
        }
    }
}
