package dev.lorikeet.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.engine.EngineOptions;
import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.model.ModelPlan;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.Torch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Models that a source brings: what the catalog says of them meanwhile, and that a download can be cancelled.
class ModelSourceTest {
    private static final Path FIXTURE = Path.of("src/test/resources/fixtures/llama");
    private static final ModelState.Downloading HALF = new ModelState.Downloading(Map.of("https://hub/a", new ModelState.Transfer(1, 2)), Optional.of(Duration.ofSeconds(3)));

    private final BlockingQueue<ModelEvent> events = new LinkedBlockingQueue<>();
    private volatile ModelSource.Offer offer;
    private InferenceLoop loop;
    private BaseModels models;

    @BeforeAll
    static void startTorch() {
        Torch.start(1);
    }

    @BeforeEach
    void open() {
        loop = new InferenceLoop();
        var source = new ModelSource() {
            @Override
            public Optional<String> id(String name) {
                return Optional.of(name).filter(n -> n.startsWith("acme/"));
            }

            @Override
            public Offer offer(String id) {
                if (id.equals("acme/none")) {
                    throw new CatalogException.NotFound(id, "There is no such repository.");
                }
                return offer;
            }
        };
        var options = new CatalogOptions(List.of(), source, new ModelPlan.Options(TensorDevice.parse("cpu"), "auto", 64, 2),
                new EngineOptions(4, 64, Duration.ofMinutes(1)));
        models = new BaseModels(options, loop);
        models.subscribe(events::add);
    }

    @AfterEach
    void close() {
        loop.close();
        models.close();
    }

    private void await(Class<? extends ModelState> state) throws InterruptedException {
        ModelEvent event;
        do {
            event = events.poll(1, TimeUnit.MINUTES);
            assertThat(event).as("no event for a minute, waiting for %s", state.getSimpleName()).isNotNull();
        } while (!state.isInstance(event.state()));
    }

    @Test
    void aModelIsDownloadedThenLoadedThenAnswersUnderItsFullName() throws Exception {
        offer = progress -> {
            progress.accept(HALF);
            return FIXTURE;
        };
        models.load("acme/tiny");
        assertThat(events.poll(1, TimeUnit.MINUTES).state()).isEqualTo(new ModelState.Downloading(Map.of(), Optional.empty()));
        assertThat(events.poll(1, TimeUnit.MINUTES).state()).isEqualTo(HALF);
        await(ModelState.Loading.class);
        await(ModelState.Loaded.class);
        try (var lease = models.lease("acme/tiny")) {
            assertThat(lease.entry().folder()).isEqualTo(FIXTURE);
        }
        assertThatThrownBy(() -> models.load("acme/tiny")).isInstanceOf(CatalogException.AlreadyRunning.class);
    }

    @Test
    void aDownloadAloneLeavesTheModelUnloaded() throws Exception {
        offer = _ -> FIXTURE;
        models.fetch("acme/tiny");
        await(ModelState.Unloaded.class);
        assertThat(models.entries().getFirst()).extracting(ModelEntry::id, ModelEntry::folder).containsExactly("acme/tiny", FIXTURE);
        assertThatThrownBy(() -> models.lease("acme/tiny")).isInstanceOf(CatalogException.NotLoaded.class);
        assertThatThrownBy(() -> models.fetch("tiny")).isInstanceOf(CatalogException.NotFound.class);
    }

    @Test
    void unloadingCancelsADownload() throws Exception {
        var begun = new CountDownLatch(1);
        var cancelled = new CountDownLatch(1);
        offer = waitingFor(begun, cancelled);
        models.load("acme/tiny");
        begun.await();
        assertThatThrownBy(() -> models.lease("acme/tiny")).isInstanceOf(CatalogException.Busy.class).hasMessageContaining("being downloaded");
        assertThat(models.unload("acme/tiny")).isZero();
        cancelled.await();
        assertThat(models.entries().getFirst().state()).isInstanceOf(ModelState.Unloaded.class);
    }

    private static ModelSource.Offer waitingFor(CountDownLatch begun, CountDownLatch cancelled) {
        return (Consumer<ModelState.Downloading> progress) -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
                return FIXTURE;
            } finally {
                cancelled.countDown();
                progress.accept(HALF);
            }
        };
    }

    @Test
    void aFailureIsAStateAndTheNextTryIsFree() throws Exception {
        offer = _ -> {
            throw new IllegalStateException("the hub is on fire");
        };
        models.load("acme/tiny");
        await(ModelState.Failed.class);
        assertThat(models.entries().getFirst().state()).isEqualTo(new ModelState.Failed("the hub is on fire"));
        offer = _ -> FIXTURE;
        models.load("acme/tiny");
        await(ModelState.Loaded.class);
    }

    @Test
    void whatTheSourceDoesNotHaveIsNotKeptInMind() {
        assertThatThrownBy(() -> models.load("acme/none")).isInstanceOf(CatalogException.NotFound.class).hasMessageContaining("There is no such repository");
        assertThat(models.entries()).isEmpty();
    }

    @Test
    void aFolderComesBeforeARepositoryOfTheSameName() {
        assertThat(models.idOf(FIXTURE.toString())).isEqualTo("llama");
        assertThat(models.idOf("acme/tiny")).isEqualTo("acme/tiny");
    }
}
