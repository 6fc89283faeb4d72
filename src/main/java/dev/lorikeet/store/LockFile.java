package dev.lorikeet.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// A lock that excludes other processes, and other threads of this one. The operating system lets go of it when the process ends, however it
/// ends. Not reentrant.
public final class LockFile implements AutoCloseable {
    /// Closing any channel on a file gives up all of the process's locks on it, so that a second one must not even be opened.
    private static final Map<Path, Semaphore> THREADS = new ConcurrentHashMap<>();

    private final FileChannel channel;
    private final Semaphore threads;

    private LockFile(FileChannel channel, Semaphore threads) {
        this.channel = channel;
        this.threads = threads;
    }

    /// Waits for the lock. @param file is made if it is not there, and stays
    public static LockFile exclusive(Path file) throws IOException {
        var threads = threads(file);
        threads.acquireUninterruptibly();
        return locked(file, threads, channel -> {
            channel.lock();
            return true;
        }).orElseThrow();
    }

    /// The lock, unless another has it.
    public static Optional<LockFile> tryExclusive(Path file) throws IOException {
        var threads = threads(file);
        return threads.tryAcquire() ? locked(file, threads, channel -> channel.tryLock() != null) : Optional.empty();
    }

    private static Semaphore threads(Path file) {
        return THREADS.computeIfAbsent(file.toAbsolutePath().normalize(), _ -> new Semaphore(1));
    }

    /// @return whether it has the lock
    private interface Locking {
        boolean lock(FileChannel channel) throws IOException;
    }

    private static Optional<LockFile> locked(Path file, Semaphore threads, Locking locking) throws IOException {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (locking.lock(channel)) {
                return Optional.of(new LockFile(channel, threads));
            }
            giveUp(channel, threads);
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            giveUp(channel, threads);
            throw e;
        }
    }

    private static void giveUp(FileChannel channel, Semaphore threads) throws IOException {
        try {
            if (channel != null) {
                channel.close();
            }
        } finally {
            threads.release();
        }
    }

    /// Lets others have it. Closing twice is an error of the caller's.
    @Override
    public void close() throws IOException {
        giveUp(channel, threads);
    }
}
