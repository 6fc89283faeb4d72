package dev.lorikeet.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.registry.AdapterRegistry.LoadRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is left when a move of an adapter breaks off.
class AdapterMishapTest {
    @TempDir
    Path root;

    private final FakeBases bases = new FakeBases();
    private final FakeLoader loader = new FakeLoader();
    private AdapterRegistry registry;

    @BeforeEach
    void open() {
        registry = new AdapterRegistry(bases, loader, new RegistryOptions(List.of(root), AdapterSource.NONE, 400, 400, Duration.ofSeconds(30)));
    }

    @AfterEach
    void nothingIsLeftInMemory() {
        registry.close();
        assertThat(loader.open()).isZero();
        assertThat(bases.leases()).isZero();
    }

    private AdapterStatus load(String name, String contents) {
        FakeLoader.folder(root, name, contents);
        return registry.load(new LoadRequest(name, name, false, false, Optional.empty()));
    }

    private AdapterState state(String model) {
        return registry.find(model).orElseThrow().state();
    }

    private long idOf(String model) {
        try (var served = registry.lease(model, List.of())) {
            return served.adapters().orElseThrow().shares().getFirst().adapter().id();
        }
    }

    @Test
    void anEvictionThatFailsLeavesTheAdapterWhereItWas() {
        load("a", "400");
        long id = idOf("a");
        loader.onCopy(() -> {
            throw new OutOfMemoryError("no host memory");
        });
        assertThatThrownBy(() -> load("b", "400")).hasRootCauseInstanceOf(OutOfMemoryError.class);
        assertThat(state("a")).isEqualTo(AdapterState.DEVICE);
        assertThat(idOf("a")).isEqualTo(id);
        loader.onCopy(() -> { });
        assertThat(load("b", "400").state()).isEqualTo(AdapterState.DEVICE);
        assertThat(state("a")).isEqualTo(AdapterState.HOST);
    }

    @Test
    void anUnloadThatIsInterruptedLosesNothing() throws Exception {
        load("a", "400");
        var running = registry.lease("a", List.of());
        var interrupted = new CompletableFuture<Boolean>();
        var unloading = Thread.ofVirtual().start(() -> {
            try {
                registry.unload("a");
                interrupted.complete(false);
            } catch (InterruptedException _) {
                interrupted.complete(true);
            }
        });
        while (registry.find("a").isPresent()) {
            Thread.onSpinWait();
        }
        unloading.interrupt();
        assertThat(interrupted.join()).isTrue();
        running.close();
        // That nothing is left in memory after the close is what every test here ends with.
        assertThat(registry.list()).singleElement().satisfies(status -> assertThat(status.state()).isEqualTo(AdapterState.UNLOADING));
    }
}
