package dev.lorikeet.rag;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;

/// What lies in a folder of documents, by path.
///
/// @param readable with size and time of change @param leftOut with the reason; hidden files and folders are in neither
record FolderScan(Map<String, String> readable, Map<String, String> leftOut) {
    static FolderScan of(Path folder) throws IOException {
        var scan = new FolderScan(new TreeMap<>(), new TreeMap<>());
        Files.walkFileTree(folder, scan.new Visitor(folder));
        return scan;
    }

    private void add(String path, String name, BasicFileAttributes attributes) {
        // Links are not followed, so nothing outside the folder is read.
        if (!attributes.isRegularFile()) {
            leftOut.put(path, attributes.isSymbolicLink() ? "links are not followed" : "no ordinary file");
        } else if (!TextFile.isReadable(name)) {
            leftOut.put(path, "files of this kind are not read");
        } else if (attributes.size() > TextFile.largest(name)) {
            leftOut.put(path, "larger than " + (TextFile.largest(name) >> 20) + " MB");
        } else {
            readable.put(path, attributes.size() + " " + attributes.lastModifiedTime());
        }
    }

    private final class Visitor extends SimpleFileVisitor<Path> {
        private final Path folder;

        Visitor(Path folder) {
            this.folder = folder;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path child, BasicFileAttributes attributes) {
            return !child.equals(folder) && isHidden(child) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (!isHidden(file)) {
                add(path(file), file.getFileName().toString(), attributes);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            leftOut.put(path(file), "cannot be opened (" + e.getClass().getSimpleName() + ")");
            return FileVisitResult.CONTINUE;
        }

        private String path(Path file) {
            return folder.relativize(file).toString();
        }

        private static boolean isHidden(Path file) {
            return file.getFileName().toString().startsWith(".");
        }
    }
}
