package dev.lorikeet.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.engine.Engine;
import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.ModelPlan;
import dev.lorikeet.model.Quantization;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `lorikeet bench`: measures a model folder in this process, through the engine but without HTTP. Every figure is the median of its
/// repetitions after one that warms up.
final class Bench {
    private static final int REPETITIONS = 5;
    private static final int OUTPUT = 64;
    private static final int QUALITY_TOKENS = 256;

    private final Workload work;
    private final Map<String, Object> results = new LinkedHashMap<>();

    private Bench(Workload work) {
        this.work = work;
    }

    static void run(CommandLine line) throws InterruptedException, IOException {
        int threads = threads(line);
        long start = System.nanoTime();
        Torch.start(threads);
        double engineStart = Workload.seconds(start);
        var plan = plan(line);
        start = System.nanoTime();
        try (var loop = new InferenceLoop(); var model = LoadedModel.load(plan, _ -> { })) {
            double load = Workload.seconds(start);
            var bench = new Bench(new Workload(new Engine(model, Workload.ENGINE, loop), model.vocabSize()));
            bench.results.putAll(describe(plan, model));
            bench.results.put("libtorch_start_s", engineStart);
            bench.results.put("load_s", load);
            bench.measureAll();
            if (plan.quantization().isPresent() && !plan.storedQuantized()) {
                bench.compare(model, plan(line, Optional.empty()));
            }
            report(bench.results, "bench.jsonl");
        }
    }

    /// How near it is to full precision, on a text that full precision draws.
    private void compare(LoadedModel quantized, ModelPlan plan) {
        results.put("weight_mib", quantized.plan().weightBytes() >> 20);
        results.put("weight_mib_full", plan.weightBytes() >> 20);
        Torch.enterThread(false);
        try (var full = LoadedModel.load(plan, _ -> { })) {
            int[] text = QuantizationQuality.text(full, Math.min(QUALITY_TOKENS, quantized.capacity()));
            var quality = QuantizationQuality.of(QuantizationQuality.Reading.of(full, text), QuantizationQuality.Reading.of(quantized, text));
            results.put("perplexity", Math.exp(quality.nats()));
            results.put("nats_above_full", quality.rise());
            results.put("greedy_agreement", quality.agreement());
        }
    }

    static int threads(CommandLine line) {
        return Integer.parseInt(line.value(Option.THREADS).orElse("0"));
    }

    static ModelPlan plan(CommandLine line) {
        return plan(line, line.value(Option.QUANTIZATION).filter(scheme -> !scheme.isEmpty()).map(Quantization::parse));
    }

    private static ModelPlan plan(CommandLine line, Optional<Quantization> quantization) {
        var wanted = new ModelPlan.Options(TensorDevice.parse(line.value(Option.DEVICE).orElse("auto")), line.value(Option.DTYPE).orElse("auto"), 0, 16);
        return ModelPlan.of(Path.of(line.value(Option.MODEL).orElse("models/demo")),
                wanted.keptIn(Path.of(line.value(Option.DATA).orElse("data"), "quantized")).quantized(quantization));
    }

    /// What figures are worth nothing without.
    static Map<String, Object> describe(ModelPlan plan, LoadedModel model) throws IOException {
        var facts = new LinkedHashMap<String, Object>();
        facts.put("time", Instant.now().toString());
        facts.put("model", plan.folder().toAbsolutePath().normalize().getFileName().toString());
        facts.put("parameters", model.parameters());
        facts.put("dtype", plan.type().configName());
        facts.put("quantization", plan.quantization().map(Quantization::name).orElse("none"));
        facts.put("device", plan.device().toString());
        facts.put("machine", machine());
        facts.put("threads", Torch.threads());
        return facts;
    }

    private void measureAll() throws InterruptedException {
        results.put("first_token_cold_s", work.timeToFirstToken(Workload.PROMPT));
        for (int length : new int[] {128, 512}) {
            if (work.hasRoomFor(length)) {
                double seconds = median(() -> work.timeToFirstToken(length));
                results.put("ttft_" + length + "_s", seconds);
                results.put("prefill_" + length + "_tok_s", length / seconds);
            }
        }
        for (int batch : new int[] {1, 4, 8, 16}) {
            results.put("decode_batch_" + batch + "_tok_s", median(() -> work.decodeRate(Collections.nCopies(batch, Optional.empty()), OUTPUT)));
        }
        results.put("peak_rss_mib", peakRssMib());
    }

    @FunctionalInterface
    private interface Measure {
        double run() throws InterruptedException;
    }

    private static double median(Measure measure) throws InterruptedException {
        measure.run();
        var values = new double[REPETITIONS];
        for (int i = 0; i < values.length; i++) {
            values[i] = measure.run();
        }
        return median(values);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /// Prints a table and a line of JSON, and appends the latter to a file of `benchmarks/results`.
    static void report(Map<String, Object> results, String file) throws IOException {
        System.out.printf("%n%-34s %s%n", "figure", "value");
        results.forEach((name, value) -> System.out.printf("%-34s %s%n", name, value instanceof Double number ? String.format("%.3f", number) : value));
        String json = new ObjectMapper().writeValueAsString(results);
        System.out.println("\n" + json);
        var folder = Path.of(Optional.ofNullable(System.getenv("LORIKEET_HOME")).orElse("."), "benchmarks", "results");
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(file), json + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String machine() throws IOException {
        String processor = line("/proc/cpuinfo", "model name").map(text -> text.substring(text.indexOf(':') + 1).strip()).orElse(System.getProperty("os.arch"));
        return processor + ", " + Runtime.getRuntime().availableProcessors() + " cores";
    }

    /// From here on the peak is measured anew, where the operating system can do that.
    static void resetPeakRss() throws IOException {
        var file = Path.of("/proc/self/clear_refs");
        if (Files.isWritable(file)) {
            Files.writeString(file, "5");
        }
    }

    static long peakRssMib() {
        try {
            return line("/proc/self/status", "VmHWM").map(text -> Long.parseLong(text.replaceAll("\\D", "")) / 1024).orElse(-1L);
        } catch (IOException _) {
            return -1;
        }
    }

    private static Optional<String> line(String file, String start) throws IOException {
        var path = Path.of(file);
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(path);
        return lines.stream().filter(text -> text.startsWith(start)).findFirst();
    }
}
