package dev.lorikeet.store;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/// Files and folders that are there whole or not at all: written under a temporary name beside their place, flushed to the disk, renamed.
/// A process that is killed leaves at most a temporary name behind, which [#sweep] or [#sweepOlder] removes.
public final class AtomicFile {
    private static final String PARTIAL = ".partial-";

    private AtomicFile() {}

    /// What goes into a file.
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /// What goes into a file that is written by position or in large pieces.
    @FunctionalInterface
    public interface ChannelContent {
        void writeTo(FileChannel channel) throws IOException;
    }

    /// What goes into a folder.
    @FunctionalInterface
    public interface FolderContent {
        void writeTo(Path folder) throws IOException;
    }

    public static void write(Path file, String text) throws IOException {
        write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    public static void write(Path file, Content content) throws IOException {
        writeChannel(file, channel -> {
            var out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            content.writeTo(out);
            out.flush();
        });
    }

    /// Replaces the file if there is one. If anything fails, such as a full disk, the old one stays and nothing else is left.
    public static void writeChannel(Path file, ChannelContent content) throws IOException {
        var partial = partial(file);
        try {
            try (var channel = FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
            force(file.toAbsolutePath().getParent());
        } finally {
            Files.deleteIfExists(partial);
        }
    }

    /// Makes a folder that must not be there yet. If anything fails, nothing is left.
    ///
    /// @throws FileAlreadyExistsException the folder is there
    public static void createFolder(Path folder, FolderContent content) throws IOException {
        if (Files.exists(folder)) {
            throw new FileAlreadyExistsException(folder.toString());
        }
        var partial = Files.createDirectory(partial(folder));
        try {
            content.writeTo(partial);
            forceAll(partial);
            Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
            force(folder.toAbsolutePath().getParent());
        } finally {
            deleteTree(partial);
        }
    }

    /// Removes what processes that were killed have left half-written in this folder. Nobody else may be writing there.
    public static void sweep(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            for (var entry : entries.filter(AtomicFile::isPartial).toList()) {
                deleteTree(entry);
            }
        }
    }

    /// Removes of what is half-written in this folder, if there is one, that to which nothing was written since `limit`. For folders in
    /// which other processes write as well: whoever still works there has written something since, or has been gone for long.
    ///
    /// @return what was removed
    public static List<Path> sweepOlder(Path folder, Instant limit) throws IOException {
        var removed = new ArrayList<Path>();
        if (!Files.isDirectory(folder)) {
            return removed;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            for (var entry : entries.filter(AtomicFile::isPartial).sorted().toList()) {
                if (lastWrite(entry).isBefore(limit)) {
                    deleteTree(entry);
                    removed.add(entry);
                }
            }
        }
        return removed;
    }

    private static Instant lastWrite(Path path) throws IOException {
        var last = Instant.MIN;
        try (Stream<Path> paths = Files.walk(path)) {
            for (var each : paths.toList()) {
                var time = Files.getLastModifiedTime(each, LinkOption.NOFOLLOW_LINKS).toInstant();
                last = time.isAfter(last) ? time : last;
            }
        }
        return last;
    }

    /// Whether this is something half-written, which no reader should touch.
    public static boolean isPartial(Path path) {
        String name = path.getFileName().toString();
        return name.startsWith(".") && name.contains(PARTIAL);
    }

    /// Deletes a folder with all that is in it, or a file; links are deleted, not followed. Nothing happens if it is not there.
    public static void deleteTree(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(path)) {
            for (var each : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    /// Flushes a folder's names to the disk, after a rename that was made without this class.
    public static void forceFolder(Path folder) throws IOException {
        force(folder);
    }

    private static Path partial(Path target) {
        return target.toAbsolutePath().resolveSibling("." + target.getFileName() + PARTIAL + UUID.randomUUID());
    }

    private static void forceAll(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (var path : paths.toList()) {
                force(path);
            }
        }
    }

    /// Flushes a file's bytes, or a folder's names: without the latter a rename may be lost with the power.
    private static void force(Path path) throws IOException {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
