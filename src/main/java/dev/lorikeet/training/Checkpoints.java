package dev.lorikeet.training;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.store.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The folders `checkpoint-N` below a training's output: there whole or not at all, and only as many as are wanted.
///
/// @param output the folder that holds them @param limit how many are kept; empty: all
public record Checkpoints(Path output, OptionalInt limit) {
    private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{1,9})");

    /// The name of the folder of a step, as Hugging Face's trainer has it.
    public static String name(int step) {
        return "checkpoint-" + step;
    }

    static int step(Path folder) {
        var match = NAME.matcher(folder.getFileName().toString());
        if (!match.matches()) {
            throw new IllegalArgumentException(folder + " is not a checkpoint");
        }
        return Integer.parseInt(match.group(1));
    }

    Path folder(int step) {
        return output.resolve(name(step));
    }

    /// Complete ones, the oldest first.
    List<Path> all() throws IOException {
        if (!Files.isDirectory(output)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(output)) {
            return folders.filter(folder -> NAME.matcher(folder.getFileName().toString()).matches()).sorted(Comparator.comparingInt(Checkpoints::step)).toList();
        }
    }

    Optional<Path> newest() throws IOException {
        var all = all();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    /// Removes what a killed process left half-written.
    void sweep() throws IOException {
        Files.createDirectories(output);
        AtomicFile.sweep(output);
    }

    /// @param best a step whose checkpoint is kept in any case
    Path write(int step, OptionalInt best, AtomicFile.FolderContent content) throws IOException {
        var folder = folder(step);
        if (!Files.exists(folder)) {
            AtomicFile.createFolder(folder, content);
        }
        prune(step, best);
        return folder;
    }

    private void prune(int newest, OptionalInt best) throws IOException {
        if (limit.isEmpty()) {
            return;
        }
        var removable = all().stream().filter(folder -> step(folder) != newest && (best.isEmpty() || step(folder) != best.getAsInt())).toList();
        int surplus = all().size() - Math.max(limit.getAsInt(), best.isPresent() && best.getAsInt() != newest ? 2 : 1);
        for (var folder : removable.subList(0, Math.clamp(surplus, 0, removable.size()))) {
            // Renamed first: nobody may take what is half deleted for a checkpoint.
            var doomed = folder.resolveSibling("." + folder.getFileName() + ".partial-deleted");
            Files.move(folder, doomed, StandardCopyOption.ATOMIC_MOVE);
            AtomicFile.deleteTree(doomed);
        }
    }

    static void writeJson(Path file, JsonNode json) throws IOException {
        AtomicFile.write(file, PeftFolder.pretty(json));
    }
}
