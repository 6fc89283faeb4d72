package dev.lorikeet.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/// Whole folders: what lies in them, setting them aside.
public final class Folders {
    private Folders() {}

    /// The folders directly in a folder, by name.
    public static List<Path> children(Path folder) throws IOException {
        try (var children = Files.list(folder)) {
            return children.filter(Files::isDirectory).sorted().toList();
        }
    }

    /// Moves a folder or file into another folder, under a name that is free there. @return where it is now
    public static Path setAside(Path file, Path into) {
        try {
            Files.createDirectories(into);
            String name = file.getFileName().toString();
            Path target = into.resolve(name);
            for (int i = 1; Files.exists(target); i++) {
                target = into.resolve(name + "." + i);
            }
            return Files.move(file, target);
        } catch (NoSuchFileException _) {
            // Another process that has just started was faster.
            return into.resolve(file.getFileName());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
