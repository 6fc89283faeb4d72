package dev.lorikeet.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.registry.AdapterLeases.Wish;
import dev.lorikeet.registry.AdapterRegistry.LoadRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which folders and names requests may use, and what becomes of folders that appear.
@Timeout(60)
class AdapterFoldersTest {
    @TempDir
    Path temp;

    private final FakeLoader loader = new FakeLoader();
    private Path root;
    private AdapterRegistry registry;

    @BeforeEach
    void open() throws Exception {
        root = Files.createDirectory(temp.resolve("root"));
        registry = new AdapterRegistry(new FakeBases(), loader, new RegistryOptions(List.of(root), AdapterSource.NONE, 1000, 0, Duration.ofSeconds(30)));
    }

    @AfterEach
    void close() {
        registry.close();
        assertThat(loader.open()).isZero();
    }

    private AdapterStatus load(String name, String path) {
        return registry.load(new LoadRequest(name, path, false, false, Optional.empty()));
    }

    @Test
    void pathsOutsideTheRootsAndLinksThatLeadThereAreRefused() throws Exception {
        var outside = FakeLoader.folder(temp, "outside", "100");
        Files.createSymbolicLink(root.resolve("link"), outside);
        var inside = FakeLoader.folder(root, "inside", "100");
        Files.delete(inside.resolve("adapter_model.safetensors"));
        Files.createSymbolicLink(inside.resolve("adapter_model.safetensors"), outside.resolve("adapter_model.safetensors"));
        for (String path : new String[] {outside.toString(), "../outside", "..", ".", "", "/", "nowhere", "a\0b"}) {
            assertThatThrownBy(() -> load("x", path)).as(path).isInstanceOf(AdapterException.NotFound.class).hasMessageContaining("adapter roots");
        }
        Files.createSymbolicLink(root.resolve("above"), temp);
        for (String path : new String[] {"link", root + "/link", "above/outside"}) {
            assertThatThrownBy(() -> load("x", path)).as(path).isInstanceOf(AdapterException.Invalid.class).hasMessageContaining("link that leads out");
        }
        assertThatThrownBy(() -> load("x", "inside")).isInstanceOf(AdapterException.Invalid.class).hasMessageContaining("leads out");
        FakeLoader.folder(root, "good", "100");
        Files.createSymbolicLink(root.resolve("alias"), root.resolve("good"));
        assertThat(load("x", "alias").version()).isEqualTo(1);
        assertThat(load("y", root.resolve("good").toString()).version()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a@1", "../a", "/a", ".a", "a\nb", "a\0", "-a", "a?b", "a%2f"})
    void badNamesAreRefused(String name) {
        FakeLoader.folder(root, "good", "100");
        assertThatThrownBy(() -> load(name, "good")).isInstanceOf(AdapterException.Invalid.class).hasMessageContaining("cannot be the name");
        assertThatThrownBy(() -> load("x".repeat(201), "good")).isInstanceOf(AdapterException.Invalid.class);
    }

    @Test
    void theWatchLoadsWhatHasSettledAndLoadsItAgainWhenItChanges() throws Exception {
        var watch = new AdapterWatch(registry, root);
        var folder = FakeLoader.folder(root, "law", "100");
        watch.look();
        assertThat(registry.list()).as("it may still be growing").isEmpty();
        watch.look();
        watch.look();
        assertThat(registry.find("law").orElseThrow().version()).isEqualTo(1);
        FakeLoader.folder(root, "law", "200");
        watch.look();
        watch.look();
        watch.look();
        assertThat(registry.find("law").orElseThrow().version()).isEqualTo(2);
        FakeLoader.folder(root, "wrong", "bad");
        FakeLoader.folder(root, ".hidden", "100");
        Files.createDirectory(root.resolve("unfinished"));
        watch.look();
        watch.look();
        int loads = loader.loads();
        watch.look();
        assertThat(loader.loads()).as("what is wrong is tried once").isEqualTo(loads);
        assertThat(registry.list()).extracting(AdapterStatus::name).containsOnly("law");
        assertThat(folder).exists();
    }

    @Test
    void anAdapterBelongsToOneBase() {
        FakeLoader.folder(root, "a", "100");
        registry.load(new LoadRequest("a", "a", false, false, Optional.of("other")));
        assertThatThrownBy(() -> registry.load(new LoadRequest("a", "a", true, false, Optional.of("demo")))).hasMessageContaining("is an adapter of `other`");
        assertThatThrownBy(() -> registry.lease("demo", List.of(new Wish("a", 1, "lora[0].name")))).isInstanceOf(AdapterException.Invalid.class)
                .hasMessageContaining("belongs to the base `other`");
        assertThatThrownBy(() -> registry.load(new LoadRequest("x", "a", false, false, Optional.of("nobody")))).isInstanceOf(CatalogException.NotFound.class);
        assertThatThrownBy(() -> load("demo", "a")).hasMessageContaining("is the name of a base model");
    }
}
