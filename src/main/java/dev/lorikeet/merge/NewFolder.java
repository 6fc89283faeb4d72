package dev.lorikeet.merge;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;

/// A folder that appears complete or not at all: it is filled under a hidden name beside its place, and renamed at the end. Whatever
/// happens before that, [#close()] removes it; what a killed process has left is removed by the next one.
final class NewFolder implements AutoCloseable {
    private static final String LOCK = ".lock";

    private final Path target;
    private final Path work;
    private final FileChannel lock;
    private boolean committed;

    private NewFolder(Path target, Path work, FileChannel lock) {
        this.target = target;
        this.work = work;
        this.lock = lock;
    }

    /// @throws MergeException when the target is there already, or somebody else is making it
    static NewFolder create(Path target) throws IOException {
        var place = target.toAbsolutePath().normalize();
        requireFree(place);
        Files.createDirectories(place.getParent());
        var work = place.resolveSibling("." + place.getFileName() + ".partial");
        Files.createDirectories(work);
        var channel = FileChannel.open(work.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                throw new OverlappingFileLockException();
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new MergeException(place + ": another merge is writing this folder at the moment", e);
        }
        var folder = new NewFolder(place, work, channel);
        folder.delete(false);
        return folder;
    }

    private static void requireFree(Path place) throws IOException {
        if (Files.isDirectory(place)) {
            try (var files = Files.list(place)) {
                if (files.findAny().isEmpty()) {
                    return;
                }
            }
        }
        if (Files.exists(place)) {
            throw new MergeException(place + ": exists already; name a folder that does not, or remove it");
        }
    }

    /// Where to put the files meanwhile.
    Path path() {
        return work;
    }

    /// Makes it appear under its name.
    void commit() throws IOException {
        Files.deleteIfExists(work.resolve(LOCK));
        try {
            Files.deleteIfExists(target);
            Files.move(work, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (DirectoryNotEmptyException | FileAlreadyExistsException e) {
            throw new MergeException(target + ": was made by somebody else meanwhile", e);
        }
        committed = true;
        try (var parent = FileChannel.open(target.getParent())) {
            parent.force(true);
        } catch (IOException _) {
            // Not every system lets a folder be flushed; the rename itself is done.
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
        if (!committed) {
            delete(true);
        }
    }

    private void delete(boolean withLock) throws IOException {
        List<Path> paths;
        try (var files = Files.walk(work)) {
            paths = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (var path : paths) {
            if (withLock || !path.equals(work) && !path.equals(work.resolve(LOCK))) {
                Files.deleteIfExists(path);
            }
        }
    }
}
