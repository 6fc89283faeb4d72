package dev.lorikeet.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest {
    @TempDir
    Path root;

    private Instant now = Instant.ofEpochSecond(1_786_950_000);
    private final InstantSource clock = () -> now;

    private FileStore open() {
        return new FileStore(root, clock);
    }

    @Test
    void filesOutliveTheProcessWithTheirHash() throws IOException {
        var file = open().add("a.csv", "fine-tune-results", "가\n", Optional.empty());
        var again = open();
        assertThat(again.list()).containsExactly(file);
        assertThat(again.content(file)).hasContent("가\n");
        // of the four bytes, by sha256sum
        assertThat(file.sha256()).isEqualTo("bd11c1e19b82e8495d553c142a6ba622cf4484df0781ed5ce6400fb67cd92d4d");
        assertThat(again.problems()).isEmpty();
    }

    @Test
    void aSenderThatFailsLeavesNothing() {
        var store = open();
        assertThatThrownBy(() -> store.receive((_, content) -> {
            Files.writeString(content, "half");
            throw new IOException("No space left on device");
        })).hasMessageContaining("No space left");
        assertThat(store.list()).isEmpty();
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void whatAKillHasLeftHalfWrittenIsSweptAway() throws IOException {
        Files.writeString(Files.createDirectories(root.resolve(".file-x.partial-1")).resolve("content"), "half");
        Files.createDirectories(root.resolve(".file-y.partial-deleted"));
        assertThat(open().list()).isEmpty();
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void aFileThatDisagreesWithItsDescriptionIsSetAsideAndReported() throws IOException {
        var store = open();
        var shortened = store.add("a.csv", "batch", "whole", Optional.empty());
        var garbled = store.add("b.csv", "batch", "whole", Optional.empty());
        var good = store.add("c.csv", "batch", "whole", Optional.empty());
        Files.writeString(store.content(shortened), "who");
        Files.writeString(store.content(garbled).resolveSibling("file.json"), "{");
        var again = open();
        assertThat(again.list()).containsExactly(good);
        assertThat(again.problems()).hasSize(2).anyMatch(problem -> problem.contains(shortened.id()) && problem.contains("3 bytes instead of 5"));
        assertThat(root.resolve(".quarantine").resolve(shortened.id()).resolve("content")).hasContent("who");
        assertThat(open().problems()).isEmpty();
    }

    @Test
    void aFileWithALifetimeIsGoneAfterIt() throws IOException {
        var store = open();
        var file = store.receive((_, content) -> {
            Files.writeString(content, "x");
            return new FileStore.Label("a.txt", "user_data", Optional.of(Duration.ofHours(1)), Optional.of("alice"));
        });
        assertThat(store.find(file.id())).isPresent();
        now = now.plus(Duration.ofHours(1));
        assertThat(store.find(file.id())).isEmpty();
        assertThat(store.list()).isEmpty();
        assertThat(root).isEmptyDirectory();
    }
}
