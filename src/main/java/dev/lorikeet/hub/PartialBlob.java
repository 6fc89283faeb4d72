package dev.lorikeet.hub;

import dev.lorikeet.store.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;

/// A blob that is not whole: `<etag>.lorikeet.incomplete` holds the bytes, each at its place, and `<etag>.lorikeet.chunks` which chunks
/// are here, so that another process can go on after a kill. What the two claim is not trusted: the hash decides in the end.
///
/// Python's `<etag>.incomplete` is another thing: it grows from the front.
final class PartialBlob implements AutoCloseable {
    private static final int HEADER = 2 * Long.BYTES;

    private final Path blob;
    private final long size;
    private final long chunk;
    private final FileChannel bytes;
    private final FileChannel journal;
    private final BitSet here;
    private final boolean resumed;

    private PartialBlob(Path blob, long size, long chunk) throws IOException {
        this.blob = blob;
        this.size = size;
        this.chunk = chunk;
        this.journal = open(journalOf(blob));
        this.here = claimed(blob, size, chunk);
        this.resumed = !here.isEmpty();
        this.bytes = open(bytesOf(blob));
        // Bytes that no chunk claims are of an attempt that left nothing to go on with, perhaps at another size.
        bytes.truncate(resumed ? size : 0);
        if (!resumed) {
            journal.truncate(0);
            journal.write(ByteBuffer.allocate(HEADER).putLong(size).putLong(chunk).flip(), 0);
        }
    }

    /// Goes on with what is there, if it was begun for the same size and with the same chunks.
    static PartialBlob open(Path blob, long size, long chunk) throws IOException {
        return new PartialBlob(blob, size, chunk);
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static Path bytesOf(Path blob) {
        return blob.resolveSibling(blob.getFileName() + ".lorikeet.incomplete");
    }

    private static Path journalOf(Path blob) {
        return blob.resolveSibling(blob.getFileName() + ".lorikeet.chunks");
    }

    /// The chunks that lie there according to the journal; none if it is of another size.
    private static BitSet claimed(Path blob, long size, long chunk) throws IOException {
        var found = new BitSet();
        var content = ByteBuffer.wrap(Files.readAllBytes(journalOf(blob)));
        if (content.remaining() >= HEADER && content.getLong() == size && content.getLong() == chunk && Files.exists(bytesOf(blob))) {
            for (int i = 0; content.hasRemaining() && i < chunks(size, chunk); i++) {
                found.set(i, content.get() == 1);
            }
        }
        return found;
    }

    private static int chunks(long size, long chunk) {
        return Math.toIntExact((size + chunk - 1) / chunk);
    }

    /// Of these chunks, all but the last are of full size.
    private static long bytes(BitSet chunks, long size, long chunk) {
        return chunks.stream().mapToLong(i -> Math.min(size, (i + 1) * chunk) - i * chunk).sum();
    }

    int chunks() {
        return chunks(size, chunk);
    }

    long start(int index) {
        return index * chunk;
    }

    long end(int index) {
        return Math.min(size, (index + 1) * chunk);
    }

    synchronized boolean has(int index) {
        return here.get(index);
    }

    /// Bytes that need not be fetched.
    synchronized long present() {
        return bytes(here, size, chunk);
    }

    /// Whether some of it was fetched by an earlier attempt.
    boolean resumed() {
        return resumed;
    }

    /// Chunks may be written by several threads at once.
    void write(long position, ByteBuffer data) throws IOException {
        for (long at = position; data.hasRemaining();) {
            at += bytes.write(data, at);
        }
    }

    synchronized void done(int index) throws IOException {
        here.set(index);
        journal.write(ByteBuffer.wrap(new byte[] {1}), HEADER + index);
    }

    Path file() {
        return bytesOf(blob);
    }

    /// The blob gets its name.
    void complete() throws IOException {
        bytes.force(true);
        Files.move(bytesOf(blob), blob, StandardCopyOption.ATOMIC_MOVE);
        Files.deleteIfExists(journalOf(blob));
        AtomicFile.forceFolder(blob.getParent());
    }

    void discard() throws IOException {
        Files.deleteIfExists(journalOf(blob));
        Files.deleteIfExists(bytesOf(blob));
    }

    /// Bytes of an unfinished blob that lie there already. Only looks: another thread or process may be writing it.
    static long presentIn(Path blob, long size, long chunk) {
        try {
            return Files.exists(journalOf(blob)) ? bytes(claimed(blob, size, chunk), size, chunk) : 0;
        } catch (IOException _) {
            return 0;
        }
    }

    @Override
    public void close() throws IOException {
        try (bytes) {
            journal.close();
        }
    }
}
