package dev.lorikeet.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The folders under which a request may name adapters. Neither a path nor a symbolic link may lead out of them.
record AdapterRoots(List<Path> roots) {
    AdapterRoots {
        roots = roots.stream().map(root -> root.toAbsolutePath().normalize()).toList();
    }

    /// The folder of a path, absolute or relative to a root.
    ///
    /// @throws AdapterException.NotFound when there is no such folder in any root
    /// @throws AdapterException.Invalid when it, or one of its files, is a link that leads out of the roots
    Path find(String path) {
        var folders = roots.stream().flatMap(root -> resolve(root, path).stream()).filter(Files::isDirectory).toList();
        // What is elsewhere by its name is not found, so that nobody learns whether it exists.
        var named = folders.stream().filter(folder -> roots.stream().anyMatch(root -> folder.startsWith(root) && !folder.equals(root))).toList();
        if (!named.isEmpty() && named.stream().noneMatch(this::isWithin)) {
            throw new AdapterException.Invalid("`" + path + "` is or lies behind a link that leads out of the adapter roots");
        }
        var folder = folders.stream().filter(this::isWithin).findFirst()
                .orElseThrow(() -> new AdapterException.NotFound("no adapter folder `" + path + "` under the adapter roots (" + words()
                        + "): put it there, or name its root with --adapter-root when the server starts"));
        try (var files = Files.list(folder)) {
            files.filter(file -> !isWithin(file)).findFirst().ifPresent(file -> {
                throw new AdapterException.Invalid("`" + file.getFileName() + "` in `" + path + "` is a link that leads out of the adapter roots");
            });
        } catch (IOException e) {
            throw new AdapterException.NotFound("the adapter folder `" + path + "` cannot be read: " + e.getMessage());
        }
        return folder;
    }

    private String words() {
        return String.join(", ", roots.stream().map(Path::toString).toList());
    }

    private static Optional<Path> resolve(Path root, String path) {
        try {
            return Optional.of(root.resolve(path).normalize());
        } catch (InvalidPathException _) {
            return Optional.empty();
        }
    }

    private boolean isWithin(Path file) {
        try {
            var real = file.toRealPath();
            for (Path root : roots) {
                if (Files.isDirectory(root) && real.startsWith(root.toRealPath()) && !real.equals(root.toRealPath())) {
                    return true;
                }
            }
            return false;
        } catch (IOException _) {
            return false;
        }
    }
}
