package dev.lorikeet.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    Path folder;

    @Test
    void aFileIsReplacedAsAWhole() throws IOException {
        var file = folder.resolve("state.json");
        AtomicFile.write(file, "old");
        AtomicFile.write(file, "새 값");
        assertThat(file).hasContent("새 값");
        assertThat(folder).isDirectoryNotContaining(AtomicFile::isPartial);
    }

    @Test
    void aFailureKeepsTheOldFileAndLeavesNothing() throws IOException {
        var file = folder.resolve("state.json");
        AtomicFile.write(file, "old");
        assertThatThrownBy(() -> AtomicFile.write(file, out -> {
            out.write(1);
            throw new IOException("No space left on device");
        })).hasMessage("No space left on device");
        assertThat(file).hasContent("old");
        try (var entries = Files.list(folder)) {
            assertThat(entries).containsExactly(file);
        }
    }

    @Test
    void aFolderAppearsWhenItIsComplete() throws IOException {
        var target = folder.resolve("checkpoint-5");
        AtomicFile.createFolder(target, partial -> {
            assertThat(target).doesNotExist();
            assertThat(AtomicFile.isPartial(partial)).isTrue();
            Files.writeString(partial.resolve("a"), "a");
            Files.createDirectory(partial.resolve("b"));
        });
        assertThat(target.resolve("a")).hasContent("a");
        assertThatThrownBy(() -> AtomicFile.createFolder(target, _ -> { })).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void aFolderThatFailsLeavesNothing() {
        var target = folder.resolve("checkpoint-5");
        assertThatThrownBy(() -> AtomicFile.createFolder(target, partial -> {
            Files.writeString(partial.resolve("a"), "a");
            throw new IOException("No space left on device");
        })).isInstanceOf(IOException.class);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void sweepingRemovesWhatAKilledProcessLeftAndNothingElse() throws IOException {
        Files.createDirectories(folder.resolve(".checkpoint-5.partial-123/deep"));
        Files.writeString(folder.resolve(".state.json.partial-7"), "half");
        Files.writeString(folder.resolve(".keep"), "");
        AtomicFile.sweep(folder);
        try (var entries = Files.list(folder)) {
            assertThat(entries).containsExactly(folder.resolve(".keep"));
        }
    }

    @Test
    void whatIsOldIsSweptUnlessSomethingInItIsNewer() throws IOException {
        var limit = Instant.parse("2026-11-25T12:00:00Z");
        var old = FileTime.from(limit.minusSeconds(1));
        var dead = Files.createDirectories(folder.resolve(".dead.partial-1/deep"));
        var alive = Files.createDirectories(folder.resolve(".alive.partial-2/deep"));
        var whole = Files.createDirectories(folder.resolve("whole/deep"));
        for (var deep : List.of(dead, alive, whole)) {
            var weights = Files.writeString(deep.resolve("weights"), "half");
            Files.setLastModifiedTime(weights, deep == alive ? FileTime.from(limit) : old);
            Files.setLastModifiedTime(deep, old);
            Files.setLastModifiedTime(deep.getParent(), old);
        }
        assertThat(AtomicFile.sweepOlder(folder, limit)).containsExactly(dead.getParent());
        try (var entries = Files.list(folder)) {
            assertThat(entries).containsExactlyInAnyOrder(alive.getParent(), whole.getParent());
        }
        assertThat(AtomicFile.sweepOlder(folder.resolve("none"), limit)).isEmpty();
    }

    @Test
    void deletingATreeDoesNotFollowLinks() throws IOException {
        var outside = Files.writeString(Files.createDirectory(folder.resolve("outside")).resolve("precious"), "x");
        var tree = Files.createDirectory(folder.resolve("tree"));
        Files.createSymbolicLink(tree.resolve("link"), outside.getParent());
        AtomicFile.deleteTree(tree);
        assertThat(tree).doesNotExist();
        assertThat(outside).exists();
    }
}
