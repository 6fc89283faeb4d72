package dev.lorikeet.memory;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.catalog.BaseModels;
import dev.lorikeet.catalog.CatalogOptions;
import dev.lorikeet.catalog.ModelSource;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.engine.Engine;
import dev.lorikeet.engine.EngineOptions;
import dev.lorikeet.engine.Generator;
import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.engine.Requests;
import dev.lorikeet.engine.TokenStream;
import dev.lorikeet.model.Fixtures;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.ModelPlan;
import dev.lorikeet.model.Quantization;
import dev.lorikeet.registry.AdapterRegistry;
import dev.lorikeet.registry.PeftLoader;
import dev.lorikeet.registry.RegistryOptions;
import dev.lorikeet.tensor.NativeHeap;
import dev.lorikeet.store.AtomicFile;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.Torch;
import dev.lorikeet.training.ServingGate;
import dev.lorikeet.training.Trainer;
import dev.lorikeet.training.TrainingControl;
import dev.lorikeet.training.TrainingData;
import dev.lorikeet.training.TrainingFolder;
import dev.lorikeet.training.TrainingHooks;
import dev.lorikeet.training.TrainingListener;
import dev.lorikeet.training.TrainingOptions;
import dev.lorikeet.training.data.Example;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.LinkedBlockingQueue;

/// A program of its own, so that its memory is the model's: prints the resident bytes of this process at each point of interest,
/// one number a line. Its Java heap is touched from the start and therefore constant.
final class MemoryProbe {
    private static final EngineOptions ENGINE = new EngineOptions(64, 32, Duration.ofMinutes(5));
    private static final int CONTEXT = 256;
    private static final int LOADS_CONTEXT = 512;
    private static final int SLOTS = 4;

    private MemoryProbe() {}

    public static void main(String... arguments) throws Throwable {
        switch (arguments[0]) {
            case "requests" -> requests();
            case "loads" -> loads(Optional.empty());
            case "quantized-loads" -> loads(Optional.of(Quantization.parse("nf4-dq")));
            case "adapters" -> adapters();
            case "trainings" -> trainings();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /// After 200 requests, then after 2,000 more.
    private static void requests() throws Throwable {
        try (var loop = new InferenceLoop();
             var model = Fixtures.load(Fixtures.folder("gemma2"), "float32", SLOTS, CONTEXT)) {
            var engine = new Engine(model, ENGINE, loop);
            fillCache(engine, SLOTS, CONTEXT, model.vocabSize());
            for (int count : new int[] {200, 2000}) {
                traffic(engine, count, model.vocabSize());
                NativeHeap.trim();
                System.out.println(resident());
            }
            engine.drain();
        }
    }

    /// Every page of the KV cache is touched, so that later requests take no new ones.
    private static void fillCache(Generator generator, int slots, int context, int vocabulary) throws InterruptedException {
        var streams = new ArrayList<TokenStream>();
        for (int i = 0; i < slots; i++) {
            streams.add(generator.submit(Requests.greedy(new SplittableRandom(i).ints(context - 8, 3, vocabulary).toArray(), 8)));
        }
        for (var stream : streams) {
            Requests.read(stream);
        }
    }

    /// Random lengths, some prompts shared, a third of the requests cancelled somewhere on their way.
    private static void traffic(Generator generator, int count, int vocabulary) throws InterruptedException {
        var random = new SplittableRandom(count);
        for (int done = 0; done < count; done += 20) {
            var streams = new ArrayList<TokenStream>();
            for (int i = 0; i < 20; i++) {
                int[] prompt = new SplittableRandom(random.nextInt(50)).ints(1 + random.nextInt(100), 3, vocabulary).toArray();
                streams.add(generator.submit(Requests.greedy(prompt, 1 + random.nextInt(24))));
            }
            for (var stream : streams) {
                if (random.nextInt(3) == 0) {
                    for (int events = random.nextInt(3); events > 0; events--) {
                        stream.next(Duration.ofMillis(1));
                    }
                    stream.cancel();
                } else {
                    Requests.read(stream);
                }
            }
        }
    }

    /// After three rounds of loading and unloading; then loaded and unloaded in each of twenty more.
    private static void loads(Optional<Quantization> scheme) throws Throwable {
        // float32 from a bfloat16 checkpoint: the weights are copied, so they count wherever the file's pages go.
        var options = new ModelPlan.Options(new TensorDevice.Cpu(), "float32", LOADS_CONTEXT, SLOTS).quantized(scheme);
        var states = new LinkedBlockingQueue<ModelState>();
        try (var loop = new InferenceLoop(); var models = new BaseModels(new CatalogOptions(List.of(), ModelSource.NONE, options, ENGINE), loop)) {
            models.subscribe(event -> states.add(event.state()));
            models.start(Path.of("models/demo"));
            for (int round = 0; round < 23; round++) {
                if (round > 0) {
                    models.load("demo");
                }
                awaitLoaded(states);
                try (var lease = models.leaseDefault()) {
                    fillCache(lease.model().generator(), SLOTS, LOADS_CONTEXT, lease.model().tokenizer().vocabularySize());
                }
                long loaded = resident();
                models.unload("demo");
                if (round >= 2) {
                    System.out.println(loaded);
                    System.out.println(resident());
                }
            }
        }
    }

    /// After 20 adapters have been loaded, used and unloaded, while the next is loaded; then after 200 more.
    private static void adapters() throws Throwable {
        var folder = LargeAdapter.write(Files.createTempDirectory("lorikeet-adapter"), Path.of("models/demo"), 64);
        var options = new ModelPlan.Options(new TensorDevice.Cpu(), "float32", CONTEXT, SLOTS);
        var states = new LinkedBlockingQueue<ModelState>();
        try (var loop = new InferenceLoop(); var models = new BaseModels(new CatalogOptions(List.of(), options, ENGINE), loop)) {
            models.subscribe(event -> states.add(event.state()));
            models.start(Path.of("models/demo"));
            awaitLoaded(states);
            try (var registry = new AdapterRegistry(models, new PeftLoader(), new RegistryOptions(List.of(), 1L << 30, 0, Duration.ofMinutes(1)));
                 var lease = models.leaseDefault()) {
                fillCache(lease.model().generator(), SLOTS, CONTEXT, 4096);
                for (int round = 0; round < 220; round++) {
                    registry.publish("a", folder, Optional.empty(), Optional.empty());
                    try (var served = registry.lease("a", List.of())) {
                        Requests.read(served.model().generator().submit(Requests.greedy(new int[] {5, 6, 7, round}, 4).on(served.adapters())));
                    }
                    if (round == 19) {
                        System.out.println(resident());
                    }
                    System.out.println(registry.unload("a").deviceBytes());
                    if (round == 19 || round == 219) {
                        System.out.println(resident());
                    }
                }
            }
        }
    }

    /// After 12 trainings, every second of which is paused and resumed, and after 12 more.
    private static void trainings() throws Throwable {
        Torch.enterThread(true);
        Path folder = Files.createTempDirectory("lorikeet-trainings");
        try (var model = Fixtures.load(Path.of("models/demo"), "auto", SLOTS, CONTEXT)) {
            for (int round = 0; round < 24; round++) {
                train(model, folder.resolve("" + round), round % 2 == 0 ? 6 : 3);
                if (round % 2 == 1) {
                    train(model, folder.resolve("" + round), 6);
                }
                if (round == 11 || round == 23) {
                    System.out.println(resident());
                }
            }
        } finally {
            AtomicFile.deleteTree(folder);
        }
    }

    /// @param stop pause before this step is done
    private static void train(LoadedModel model, Path output, int stop) throws Exception {
        var options = TrainingOptions.read(new ObjectMapper().readTree("""
                {"r": 16, "target_modules": "all-linear", "per_device_train_batch_size": 4, "max_steps": 5, "learning_rate": 1e-4, "use_dora": true,
                 "eval_strategy": "steps", "eval_steps": 2, "save_steps": 3}"""));
        var random = new SplittableRandom(1);
        var rows = new ArrayList<Example>();
        for (int i = 0; i < 20; i++) {
            int[] ids = random.ints(120, 10, 4000).toArray();
            rows.add(new Example(ids, ids, i + 1));
        }
        int[] done = {0};
        var listener = new TrainingListener() {
            @Override
            public void step(StepReport report) {
                done[0]++;
            }
        };
        TrainingControl control = () -> done[0] >= stop ? TrainingControl.Wish.PAUSE : TrainingControl.Wish.GO_ON;
        new Trainer(model, options, new TrainingData(rows, rows.subList(0, 4)), new TrainingFolder(output, "demo", Optional.empty()),
                new TrainingHooks(listener, control, ServingGate.open())).run();
    }

    private static void awaitLoaded(LinkedBlockingQueue<ModelState> states) throws InterruptedException {
        for (var state = states.take(); !(state instanceof ModelState.Loaded); state = states.take()) {
            if (state instanceof ModelState.Failed(String reason)) {
                throw new AssertionError(reason);
            }
        }
    }

    /// Resident bytes as the operating system counts them: what is free but was not given back to it counts.
    private static long resident() throws IOException {
        System.gc();
        return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * 4096;
    }
}
