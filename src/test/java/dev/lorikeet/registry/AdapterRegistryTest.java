package dev.lorikeet.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.registry.AdapterLeases.Wish;
import dev.lorikeet.registry.AdapterRegistry.Freed;
import dev.lorikeet.registry.AdapterRegistry.LoadRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AdapterRegistryTest {
    @TempDir
    Path temp;

    private final FakeBases bases = new FakeBases();
    private final FakeLoader loader = new FakeLoader();
    private Path root;
    private AdapterRegistry registry;

    @BeforeEach
    void open() throws Exception {
        root = Files.createDirectory(temp.resolve("root"));
        registry = registry(1000, 0, Duration.ofSeconds(30));
    }

    @AfterEach
    void nothingIsLeftInMemory() {
        registry.close();
        assertThat(loader.open()).isZero();
        assertThat(bases.leases()).isZero();
    }

    private AdapterRegistry registry(long device, long host, Duration patience) {
        return new AdapterRegistry(bases, loader, new RegistryOptions(List.of(root), AdapterSource.NONE, device, host, patience));
    }

    private AdapterStatus load(String name, String contents) {
        FakeLoader.folder(root, name, contents);
        return load(name, name, false, false);
    }

    private AdapterStatus load(String name, String path, boolean inPlace, boolean pinned) {
        return registry.load(new LoadRequest(name, path, inPlace, pinned, Optional.empty()));
    }

    private static long id(ServedModel served) {
        return served.adapters().orElseThrow().shares().getFirst().adapter().id();
    }

    private long idOf(String model) {
        try (var served = registry.lease(model, List.of())) {
            return id(served);
        }
    }

    private AdapterState state(String model) {
        return registry.find(model).orElseThrow().state();
    }

    @Test
    void aLoadedAdapterIsNamedAloneWithItsVersionAndWithItsBase() {
        var status = load("law", "100");
        assertThat(status.version()).isEqualTo(1);
        assertThat(status.state()).isEqualTo(AdapterState.DEVICE);
        assertThat(status.deviceBytes()).isEqualTo(100);
        assertThat(List.of(idOf("law"), idOf("law@1"), idOf("demo:law"), idOf("demo:law@1"))).containsOnly(idOf("law"));
        for (String wrong : new String[] {"law@2", "other:law", "demo:lax", "law@", "law@0", ":law"}) {
            assertThatThrownBy(() -> registry.lease(wrong, List.of())).as(wrong).isInstanceOf(CatalogException.NotFound.class);
        }
        try (var base = registry.lease("demo", List.of())) {
            assertThat(base.adapters()).isEmpty();
        }
    }

    @Test
    void aNameWithColonsIsFoundAsItIsBeforeItIsTakenForABaseAndAName() {
        FakeLoader.folder(root, "a", "10");
        long tuned = registry.publish("demo:law", root.resolve("a"), Optional.of("demo"), Optional.empty()).version();
        load("law", "20");
        registry.publish("ft:demo::mine:abc", root.resolve("a"), Optional.of("demo"), Optional.empty());
        assertThat(tuned).isEqualTo(1);
        assertThat(idOf("demo:law")).isNotEqualTo(idOf("law"));
        assertThat(idOf("ft:demo::mine:abc")).isEqualTo(idOf("demo:ft:demo::mine:abc@1"));
    }

    @Test
    void loadingAgainIsRefusedUnlessInPlaceAndThenMakesTheNextVersion() {
        load("law", "100");
        long first = idOf("law");
        assertThatThrownBy(() -> load("law", "law", false, false)).isInstanceOf(AdapterException.Invalid.class)
                .hasMessageContaining("has already been loaded").hasMessageContaining("load_inplace");
        assertThat(load("law", "law", true, false).version()).isEqualTo(2);
        assertThat(idOf("law")).isNotEqualTo(first);
        assertThat(idOf("law@1")).isEqualTo(first);
        assertThat(registry.stats().swaps()).isEqualTo(1);
    }

    @Test
    void aRequestKeepsTheVersionItBeganWithAndTheNextGetsTheNewOne() {
        load("law", "100");
        try (var running = registry.lease("law", List.of())) {
            long before = id(running);
            load("law", "law", true, false);
            assertThat(id(running)).isEqualTo(before);
            assertThat(registry.find("law@1").orElseThrow().inFlight()).isEqualTo(1);
            assertThat(idOf("law")).isNotEqualTo(before);
        }
    }

    @Test
    void rollbackLetsTheNameMeanAnOlderVersionAtOnceAndWithoutLoading() {
        load("law", "100");
        long first = idOf("law");
        load("law", "law", true, false);
        long second = idOf("law");
        int loads = loader.loads();
        assertThat(registry.rollback("law", OptionalInt.empty()).version()).isEqualTo(1);
        assertThat(idOf("law")).isEqualTo(first);
        registry.rollback("law", OptionalInt.of(2));
        assertThat(idOf("law")).isEqualTo(second);
        assertThat(loader.loads()).isEqualTo(loads);
        registry.rollback("law", OptionalInt.of(1));
        assertThatThrownBy(() -> registry.rollback("law", OptionalInt.empty())).hasMessageContaining("no version before 1");
        assertThatThrownBy(() -> registry.rollback("law", OptionalInt.of(9))).hasMessageContaining("no version 9");
        assertThatThrownBy(() -> registry.rollback("nobody", OptionalInt.empty())).isInstanceOf(AdapterException.NotFound.class);
    }

    @Test
    void unloadSaysTheBytesAndFreesEveryVersion() throws Exception {
        load("law", "100");
        load("law", "law", true, false);
        assertThat(registry.unload("law")).isEqualTo(new Freed(200, 0));
        assertThat(loader.open()).isZero();
        assertThat(bases.released()).hasSize(2);
        assertThat(registry.list()).isEmpty();
        assertThatThrownBy(() -> registry.unload("law")).isInstanceOf(AdapterException.NotFound.class).hasMessageContaining("cannot be found");
    }

    @Test
    void unloadingOneVersionLeavesTheOthersAndNumbersAreNeverGivenAgain() throws Exception {
        load("law", "100");
        load("law", "law", true, false);
        assertThat(registry.unload("law@2")).isEqualTo(new Freed(100, 0));
        assertThat(registry.find("law").orElseThrow().version()).isEqualTo(1);
        assertThat(load("law", "law", true, false).version()).isEqualTo(3);
        registry.unload("law");
        assertThat(load("law", "law", false, false).version()).isEqualTo(4);
    }

    @Test
    void unloadWaitsForTheLastRequestAndNewOnesNoLongerFindIt() throws Exception {
        load("law", "100");
        var running = registry.lease("law", List.of());
        var unload = CompletableFuture.supplyAsync(() -> {
            try {
                return registry.unload("law");
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        while (registry.find("law").isPresent()) {
            Thread.onSpinWait();
        }
        assertThatThrownBy(() -> registry.lease("law", List.of())).isInstanceOf(CatalogException.NotFound.class);
        assertThat(registry.list()).singleElement().satisfies(left -> assertThat(left.state()).isEqualTo(AdapterState.UNLOADING));
        assertThat(loader.open()).isEqualTo(1);
        assertThat(unload).isNotDone();
        running.close();
        assertThat(unload.join()).isEqualTo(new Freed(100, 0));
        assertThat(loader.open()).isZero();
    }

    @Test
    void aBadAdapterLeavesNothingBehindAndTheOthersGoOn() {
        load("law", "100");
        assertThatThrownBy(() -> load("worse", "bad")).isInstanceOf(AdapterException.Refused.class).hasMessageContaining("it is bad");
        assertThatThrownBy(() -> {
            FakeLoader.folder(root, "law2", "bad");
            load("law", "law2", true, false);
        }).isInstanceOf(AdapterException.Refused.class);
        assertThat(registry.list()).hasSize(1);
        assertThat(idOf("law")).isPositive();
        assertThat(loader.open()).isEqualTo(1);
    }

    @Test
    void theLeastRecentlyUsedIsEvictedToDiskAndComesBackWhenItIsNamed() {
        load("a", "400");
        load("b", "400");
        idOf("a");
        load("c", "400");
        assertThat(state("b")).isEqualTo(AdapterState.DISK);
        assertThat(state("a")).isEqualTo(AdapterState.DEVICE);
        assertThat(registry.stats().evictions()).isEqualTo(1);
        assertThat(registry.stats().deviceBytes()).isEqualTo(800);
        assertThat(bases.released()).hasSize(1);
        idOf("b");
        assertThat(state("b")).isEqualTo(AdapterState.DEVICE);
        assertThat(state("a")).isEqualTo(AdapterState.DISK);
        assertThat(registry.stats().reloads()).isEqualTo(1);
        assertThat(loader.open()).isEqualTo(2);
    }

    @Test
    void hostMemoryKeepsTheEvictedAsFarAsItsBudgetGoesAndThenTheOldestGoToDisk() throws Exception {
        registry.close();
        registry = registry(400, 800, Duration.ofSeconds(30));
        load("a", "400");
        long id = idOf("a");
        load("b", "400");
        load("c", "400");
        assertThat(List.of(state("a"), state("b"), state("c"))).containsExactly(AdapterState.HOST, AdapterState.HOST, AdapterState.DEVICE);
        assertThat(registry.stats().hostBytes()).isEqualTo(800);
        int loads = loader.loads();
        assertThat(idOf("a")).as("the same tensors").isEqualTo(id);
        assertThat(loader.loads()).isEqualTo(loads);
        assertThat(List.of(state("a"), state("b"), state("c"))).containsExactly(AdapterState.DEVICE, AdapterState.HOST, AdapterState.HOST);
        load("d", "400");
        assertThat(List.of(state("a"), state("b"), state("c"), state("d"))).containsExactly(AdapterState.HOST, AdapterState.DISK, AdapterState.HOST,
                AdapterState.DEVICE);
        assertThat(loader.openOnHost()).isEqualTo(2);
        assertThat(registry.unload("a")).isEqualTo(new Freed(0, 400));
    }

    @Test
    void pinnedAdaptersAndThoseInUseAreNeverEvicted() {
        registry.close();
        registry = registry(1000, 0, Duration.ofMillis(1));
        FakeLoader.folder(root, "a", "400");
        load("a", "a", false, true);
        load("b", "400");
        try (var running = registry.lease("b", List.of())) {
            assertThatThrownBy(() -> load("c", "400")).isInstanceOf(AdapterException.Full.class).hasMessageContaining("in use or pinned");
            assertThat(running.id()).isEqualTo("b");
        }
        assertThat(load("c", "c", false, false).state()).isEqualTo(AdapterState.DEVICE);
        assertThat(List.of(state("a"), state("b"))).containsExactly(AdapterState.DEVICE, AdapterState.DISK);
        assertThatThrownBy(() -> load("d", "1001")).isInstanceOf(AdapterException.Refused.class).hasMessageContaining("--adapter-memory 1000");
    }

    @Test
    void aRequestWaitsForMemoryThatOneInUseHolds() {
        load("a", "600");
        load("b", "600");
        assertThat(state("a")).isEqualTo(AdapterState.DISK);
        var running = registry.lease("b", List.of());
        var waiting = CompletableFuture.supplyAsync(() -> idOf("a"));
        while (registry.stats().waiting().isEmpty()) {
            Thread.onSpinWait();
        }
        assertThat(registry.stats().waiting()).containsExactly("a");
        assertThat(registry.stats().running()).containsExactly("b");
        running.close();
        assertThat(waiting.join()).isPositive();
    }

    @Test
    void whatIsOnDiskIsNotTakenForAnotherVersionWhenItsFilesHaveChanged() {
        load("a", "600");
        load("b", "600");
        FakeLoader.folder(root, "a", "601 changed");
        assertThatThrownBy(() -> idOf("a")).isInstanceOf(AdapterException.Refused.class).hasMessageContaining("have changed").hasMessageContaining("load_inplace");
        assertThat(registry.find("a").orElseThrow().error()).isPresent();
        assertThat(load("a", "a", true, false).version()).isEqualTo(2);
        assertThat(idOf("a")).isPositive();
    }

    @Test
    void aCurrentVersionThatCouldNotBeReadAgainStays() {
        load("a", "600");
        FakeLoader.folder(root, "a", "601 changed");
        assertThatThrownBy(() -> load("b", "600")).isInstanceOf(AdapterException.Full.class);
        assertThat(state("a")).isEqualTo(AdapterState.DEVICE);
    }

    @Test
    void aBaseThatGoesTakesItsAdaptersFromTheDeviceAndTheyComeBackWithIt() {
        load("a", "100");
        FakeLoader.folder(root, "o", "100 for-other");
        assertThat(load("o", "o", false, false).base()).isEqualTo("other");
        bases.become("demo", new ModelState.Unloaded());
        assertThat(state("a")).isEqualTo(AdapterState.DISK);
        assertThat(state("o")).isEqualTo(AdapterState.DEVICE);
        assertThat(loader.open()).isEqualTo(1);
        assertThatThrownBy(() -> idOf("a")).isInstanceOf(CatalogException.NotLoaded.class);
        bases.unloadAndLoad("demo");
        assertThat(idOf("a")).isPositive();
    }

    @Test
    void severalAdaptersAreMixedWithTheirWeights() {
        load("a", "100");
        load("b", "100");
        load("d", "100 dora");
        try (var mixed = registry.lease("a", List.of(new Wish("b@1", 0.5, "lora[0].name")))) {
            assertThat(mixed.adapters().orElseThrow().shares()).extracting(share -> share.scale()).containsExactly(1.0, 0.5);
            assertThat(registry.find("b").orElseThrow().inFlight()).isEqualTo(1);
        }
        assertThatThrownBy(() -> registry.lease("demo", List.of(new Wish("d", 0.5, "lora[0].name")))).hasMessageContaining("neither be scaled nor mixed");
        assertThatThrownBy(() -> registry.lease("a", List.of(new Wish("d", 1, "lora[0].name")))).hasMessageContaining("not purely additive");
        assertThatThrownBy(() -> registry.lease("a", List.of(new Wish("a", 1, "lora[0].name")))).hasMessageContaining("twice");
        assertThatThrownBy(() -> registry.lease("a", List.of(new Wish("x", 1, "lora[0].name")))).isInstanceOf(AdapterException.NotFound.class)
                .hasMessageContaining("lora[0].name");
        try (var alone = registry.lease("demo", List.of(new Wish("d", 1, "lora[0].name")))) {
            assertThat(alone.adapters()).isPresent();
        }
    }

    /// A load that takes long holds up neither requests nor the lists.
    @Test
    void othersAreServedWhileOneIsBeingLoaded() throws Exception {
        load("a", "100");
        var entered = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        loader.onLoad(() -> {
            entered.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        FakeLoader.folder(root, "b", "100");
        var loading = CompletableFuture.supplyAsync(() -> load("b", "b", false, false));
        entered.await();
        assertThat(registry.stats().waiting()).containsExactly("b");
        assertThat(idOf("a")).isPositive();
        registry.rollback("a", OptionalInt.of(1));
        go.countDown();
        assertThat(loading.join().version()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void randomHistoriesOfManyThreadsEndWithNothingInUse(long seed) {
        registry.close();
        registry = registry(1000, 500, Duration.ofSeconds(30));
        for (int i = 0; i < 6; i++) {
            load("a" + i, String.valueOf(200 + 10 * i));
        }
        var workers = new ArrayList<CompletableFuture<Void>>();
        for (int w = 0; w < 6; w++) {
            var random = new SplittableRandom(seed * 100 + w);
            workers.add(CompletableFuture.runAsync(() -> history(random)));
        }
        CompletableFuture.allOf(workers.toArray(CompletableFuture[]::new)).join();
        assertThat(registry.stats().deviceBytes()).as("seed %d", seed).isLessThanOrEqualTo(1000);
        assertThat(registry.stats().hostBytes()).isLessThanOrEqualTo(500);
        assertThat(registry.list()).allSatisfy(status -> assertThat(status.inFlight()).isZero());
    }

    private void history(SplittableRandom random) {
        for (int i = 0; i < 60; i++) {
            String name = "a" + random.nextInt(6);
            try {
                switch (random.nextInt(8)) {
                    case 0 -> load(name, name, true, false);
                    case 1 -> registry.unload(name + "@" + (1 + random.nextInt(3)));
                    default -> {
                        try (var served = registry.lease(name, List.of())) {
                            assertThat(served.adapters()).isPresent();
                        }
                    }
                }
            } catch (AdapterException.Full | AdapterException.NotFound | CatalogException.NotFound _) {
                // Another thread was faster.
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
