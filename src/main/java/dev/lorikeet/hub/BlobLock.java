package dev.lorikeet.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;

/// The right to write one blob: against other threads, and against other processes of this program. Python's locks are of another
/// kind and are not seen; so nothing relies on this but that no byte is fetched twice.
final class BlobLock implements AutoCloseable {
    /// File locks belong to the whole process and cannot tell its threads apart.
    private static final Set<Path> HELD = new HashSet<>();

    private final Path file;
    private final FileChannel channel;

    private BlobLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static BlobLock take(Path file) throws InterruptedException, IOException {
        synchronized (HELD) {
            while (!HELD.add(file)) {
                HELD.wait();
            }
        }
        try {
            Files.createDirectories(file.getParent());
            var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                channel.lock();
                return new BlobLock(file, channel);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            release(file);
            HubHttp.throwIfInterrupted();
            throw e;
        }
    }

    private static void release(Path file) {
        synchronized (HELD) {
            HELD.remove(file);
            HELD.notifyAll();
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            release(file);
        }
    }
}
