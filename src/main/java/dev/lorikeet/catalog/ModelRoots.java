package dev.lorikeet.catalog;

import dev.lorikeet.store.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The folders under which a request may name models. Symbolic links that lead out of them are not followed.
record ModelRoots(List<Path> roots) {

    /// Every model folder directly under a root.
    List<Path> folders() {
        return roots.stream().flatMap(ModelRoots::children).filter(folder -> Files.isRegularFile(folder.resolve("config.json"))).sorted().toList();
    }

    private static Stream<Path> children(Path root) {
        if (!Files.isDirectory(root)) {
            return Stream.empty();
        }
        try (var children = Files.list(root)) {
            return children.filter(child -> !AtomicFile.isPartial(child) && isWithin(root, child)).toList().stream();
        } catch (IOException _) {
            return Stream.empty();
        }
    }

    /// The folder that a request names, by its path or relative to a root, if it is in a root.
    Optional<Path> find(String name) {
        return roots.stream().map(root -> resolve(root, name)).filter(Optional::isPresent).map(Optional::get)
                .filter(folder -> roots.stream().anyMatch(root -> isWithin(root, folder))).filter(Files::isDirectory).findFirst();
    }

    private static Optional<Path> resolve(Path root, String name) {
        try {
            return Optional.of(root.toAbsolutePath().normalize().resolve(name).normalize());
        } catch (java.nio.file.InvalidPathException _) {
            return Optional.empty();
        }
    }

    private static boolean isWithin(Path root, Path folder) {
        try {
            var real = folder.toRealPath();
            return real.startsWith(root.toRealPath()) && !real.equals(root.toRealPath());
        } catch (IOException _) {
            return false;
        }
    }
}
