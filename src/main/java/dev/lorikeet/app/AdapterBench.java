package dev.lorikeet.app;

import dev.lorikeet.adapter.Adapter;
import dev.lorikeet.adapter.AdapterReader;
import dev.lorikeet.adapter.AdapterTables;
import dev.lorikeet.engine.AdapterMix;
import dev.lorikeet.engine.Engine;
import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.SafetensorsWriter;
import dev.lorikeet.model.SafetensorsWriter.Item;
import dev.lorikeet.store.AtomicFile;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.tensor.Torch;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/// `lorikeet bench-adapters`: what LoRA adapters cost on a model folder. Makes four random adapters of rank 16 on every linear layer,
/// reads them as any other, and measures the same work with and without them in turn, so that a busy moment hits all cases alike.
final class AdapterBench {
    private static final int ROUNDS = 7;
    private static final int RANK = 16;
    private static final int ADAPTERS = 4;
    private static final int BATCH = 8;
    private static final int OUTPUT = 48;
    private static final int PREFILL = 512;
    /// Of an adapter whose load takes long.
    private static final int LARGE_RANK = 256;
    private static final int LOADS = 4;

    private final Workload work;
    private final List<Adapter> adapters;

    private AdapterBench(Workload work, List<Adapter> adapters) {
        this.work = work;
        this.adapters = adapters;
    }

    static void run(CommandLine line) throws InterruptedException, IOException {
        Torch.start(Bench.threads(line));
        Torch.enterThread(false);
        var plan = Bench.plan(line);
        var folder = Files.createTempDirectory("lorikeet-bench");
        try (var model = LoadedModel.load(plan, _ -> { })) {
            var adapters = new ArrayList<Adapter>();
            try (var loop = new InferenceLoop()) {
                for (int i = 0; i < ADAPTERS; i++) {
                    adapters.add(AdapterReader.read(write(folder.resolve("adapter-" + i), model, RANK, i), model));
                }
                var engine = new Engine(model, Workload.ENGINE, loop, new AdapterTables(model));
                var results = Bench.describe(plan, model);
                results.put("adapter_rank", RANK);
                results.put("adapter_bytes", adapters.getFirst().bytes());
                var bench = new AdapterBench(new Workload(engine, model.vocabSize()), adapters);
                bench.measureAll(results);
                bench.measureWhileLoading(write(folder.resolve("large"), model, LARGE_RANK, ADAPTERS), model, results);
                engine.drain();
                Bench.report(results, "adapters.jsonl");
            } finally {
                adapters.forEach(Adapter::close);
            }
        } finally {
            AtomicFile.deleteTree(folder);
        }
    }

    private static Path write(Path folder, LoadedModel model, int rank, int seed) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("adapter_config.json"), "{\"peft_type\": \"LORA\", \"r\": %d, \"lora_alpha\": %d, \"target_modules\": \"all-linear\"}"
                .formatted(rank, rank));
        var numbers = new Random(seed);
        var items = new ArrayList<Item>();
        for (String module : model.sites().modules()) {
            var sites = model.sites().of(module);
            var first = sites.getFirst();
            // Of a fused matrix, its parts are modules as well.
            if (sites.size() == 1 && !first.isEmbedding() && !first.isHead() && !first.isNorm()) {
                long[] shape = model.shape(first.index());
                items.add(matrix("base_model.model." + module + ".lora_A.weight", numbers, rank, shape[1]));
                items.add(matrix("base_model.model." + module + ".lora_B.weight", numbers, shape[0], rank));
            }
        }
        SafetensorsWriter.write(folder.resolve("adapter_model.safetensors"), items, Map.of());
        return folder;
    }

    private static Item matrix(String name, Random numbers, long rows, long columns) {
        return new Item(name, ElementType.FLOAT32, new long[] {rows, columns}, arena -> {
            long elements = rows * columns;
            var values = arena.allocate(ValueLayout.JAVA_FLOAT, elements);
            for (long i = 0; i < elements; i++) {
                values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (0.02 * numbers.nextGaussian()));
            }
            return values;
        });
    }

    private interface Measure {
        double run() throws InterruptedException;
    }

    private void measureAll(Map<String, Object> results) throws InterruptedException {
        var base = Optional.<AdapterMix>empty();
        var one = Optional.of(AdapterMix.of(adapters.getFirst()));
        var cases = new LinkedHashMap<String, Measure>();
        cases.put("decode_base_tok_s", () -> work.decodeRate(List.of(base), OUTPUT));
        cases.put("decode_one_adapter_tok_s", () -> work.decodeRate(List.of(one), OUTPUT));
        cases.put("decode_8_base_tok_s", () -> work.decodeRate(eight(1, false), OUTPUT));
        cases.put("decode_8_with_one_adapter_tok_s", () -> work.decodeRate(eight(1, true), OUTPUT));
        cases.put("decode_8_with_four_adapters_tok_s", () -> work.decodeRate(eight(ADAPTERS, true), OUTPUT));
        if (work.hasRoomFor(PREFILL)) {
            cases.put("prefill_512_base_tok_s", () -> PREFILL / work.timeToFirstToken(PREFILL));
            cases.put("prefill_512_one_adapter_tok_s", () -> PREFILL / work.timeToFirstToken(PREFILL, one.orElseThrow()));
        }
        var medians = new LinkedHashMap<String, Double>();
        var values = new LinkedHashMap<String, double[]>();
        for (int round = -1; round < ROUNDS; round++) {
            for (var each : cases.entrySet()) {
                double rate = each.getValue().run();
                if (round >= 0) {
                    values.computeIfAbsent(each.getKey(), _ -> new double[ROUNDS])[round] = rate;
                }
            }
        }
        values.forEach((name, rates) -> medians.put(name, Bench.median(rates)));
        results.putAll(medians);
        results.put("one_adapter_costs_percent", cost(medians, "decode_base_tok_s", "decode_one_adapter_tok_s"));
        results.put("eight_with_one_cost_percent", cost(medians, "decode_8_base_tok_s", "decode_8_with_one_adapter_tok_s"));
        results.put("four_adapters_keep_percent", 100 * medians.get("decode_8_with_four_adapters_tok_s") / medians.get("decode_8_with_one_adapter_tok_s"));
        if (medians.containsKey("prefill_512_base_tok_s")) {
            results.put("prefill_costs_percent", cost(medians, "prefill_512_base_tok_s", "prefill_512_one_adapter_tok_s"));
        }
    }

    /// How long a running sequence waits for its tokens while a large adapter is loaded and freed, again and again.
    private void measureWhileLoading(Path large, LoadedModel model, Map<String, Object> results) throws InterruptedException {
        results.put("decode_gap_ms", Bench.median(work.gaps(OUTPUT)));
        var gaps = new ArrayList<double[]>();
        var loads = CompletableFuture.supplyAsync(() -> {
            Torch.enterThread(false);
            long bytes = 0;
            for (int i = 0; i < LOADS; i++) {
                try (var adapter = AdapterReader.read(large, model)) {
                    bytes = adapter.bytes();
                }
            }
            return bytes;
        }, task -> Thread.ofPlatform().name("adapter-loader").start(task));
        while (!loads.isDone()) {
            gaps.add(work.gaps(OUTPUT));
        }
        double[] all = gaps.stream().flatMapToDouble(Arrays::stream).toArray();
        results.put("large_adapter_bytes", loads.join());
        results.put("decode_gap_while_loading_ms", Bench.median(all));
        results.put("decode_longest_gap_while_loading_ms", Arrays.stream(all).max().orElseThrow());
    }

    /// How much longer the work takes.
    private static double cost(Map<String, Double> rates, String without, String with) {
        return 100 * (rates.get(without) / rates.get(with) - 1);
    }

    private List<Optional<AdapterMix>> eight(int different, boolean adapted) {
        var mixes = new ArrayList<Optional<AdapterMix>>();
        for (int i = 0; i < BATCH; i++) {
            int which = i % different;
            mixes.add(adapted ? Optional.of(AdapterMix.of(adapters.get(which))) : Optional.empty());
        }
        return mixes;
    }
}
