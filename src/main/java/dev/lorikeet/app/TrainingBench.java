package dev.lorikeet.app;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.store.AtomicFile;
import dev.lorikeet.tensor.ElementType;
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
import dev.lorikeet.training.data.PreferencePair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/// `lorikeet bench-training`: how fast this folder learns and what memory that takes: LoRA of rank 8 on every linear layer, rows of 512 tokens,
/// two by two, with and without gradient checkpointing, loss on all tokens and on half of them; and pairs of such rows, one by one. As `benchmarks/peers/train_trl.py` measures TRL.
/// Memory is the peak of the whole process: to compare it, give the case, so that what an earlier one has left behind does not count.
final class TrainingBench {
    private static final int STEPS = 6;
    private static final int ROW = 512;
    private static final String OPTIONS = """
            {"r": 8, "lora_alpha": 16, "target_modules": "all-linear", "per_device_train_batch_size": %d, "gradient_accumulation_steps": 2,
             "max_steps": %d, "learning_rate": 2e-4, "max_seq_length": %d, "save_strategy": "no", "bf16": %b, "gradient_checkpointing": %b}""";

    private TrainingBench() {}

    private enum Case {
        CHECKPOINTING(true, false), CHECKPOINTING_ANSWERS_ONLY(true, true), NO_CHECKPOINTING(false, false), NO_CHECKPOINTING_ANSWERS_ONLY(false, true),
        /// DPO: half of each row is the prompt that both answers of a pair follow.
        PREFERENCES(true, true);

        private final boolean checkpointing;
        private final boolean answersOnly;

        Case(boolean checkpointing, boolean answersOnly) {
            this.checkpointing = checkpointing;
            this.answersOnly = answersOnly;
        }

        private String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        private static List<Case> of(List<String> operands) {
            var all = Arrays.asList(values());
            return operands.isEmpty() ? all : operands.stream().map(operand -> all.stream().filter(one -> one.word().equals(operand)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("unknown case `" + operand + "`; there are " + all.stream().map(Case::word).toList())))
                    .toList();
        }
    }

    /// Measures the case that is named; all, if none is.
    static void run(CommandLine line) throws InterruptedException, IOException {
        var cases = Case.of(line.operands());
        Torch.start(Bench.threads(line));
        Torch.enterThread(true);
        var plan = Bench.plan(line);
        var folder = Files.createTempDirectory("lorikeet-bench");
        try (var model = LoadedModel.load(plan, _ -> { })) {
            var results = Bench.describe(plan, model);
            for (var one : cases) {
                Bench.resetPeakRss();
                results.put(one.word() + "_tok_s", rate(model, folder.resolve(one.word()), one));
                results.put(one.word() + "_peak_rss_mib", Bench.peakRssMib());
            }
            Bench.report(results, "training.jsonl");
        } finally {
            AtomicFile.deleteTree(folder);
        }
    }

    /// Tokens of the rows per second, learned or not: the median of the steps after the first.
    private static double rate(LoadedModel model, Path output, Case one) throws InterruptedException, IOException {
        boolean half = model.plan().type() == ElementType.BFLOAT16;
        boolean pairs = one == Case.PREFERENCES;
        var json = new ObjectMapper().readTree(OPTIONS.formatted(pairs ? 1 : 2, STEPS, ROW, half, one.checkpointing));
        var options = pairs ? TrainingOptions.readDpo(json) : TrainingOptions.read(json);
        var rates = new ArrayList<Double>();
        var listener = new TrainingListener() {
            @Override
            public void step(StepReport report) {
                rates.add(report.tokensPerSecond());
            }
        };
        var rows = rows(model.vocabSize(), one.answersOnly);
        var data = new TrainingData(pairs ? pairs(rows) : rows, List.of());
        new Trainer(model, options, data, new TrainingFolder(output, "bench", Optional.empty()),
                new TrainingHooks(listener, TrainingControl.none(), ServingGate.open())).run();
        return Bench.median(rates.stream().skip(1).mapToDouble(Double::doubleValue).toArray());
    }

    private static List<PreferencePair> pairs(List<Example> rows) {
        var pairs = new ArrayList<PreferencePair>();
        for (int i = 0; i + 1 < rows.size(); i += 2) {
            var chosen = rows.get(i);
            int[] ids = rows.get(i + 1).inputIds().clone();
            System.arraycopy(chosen.inputIds(), 0, ids, 0, ROW / 2);
            int[] labels = ids.clone();
            Arrays.fill(labels, 0, ROW / 2, Example.IGNORED);
            pairs.add(new PreferencePair(chosen, new Example(ids, labels, chosen.line())));
        }
        return pairs;
    }

    private static List<Example> rows(int vocabulary, boolean answers) {
        var random = new SplittableRandom(1);
        var rows = new ArrayList<Example>();
        for (int i = 0; i < STEPS * 4; i++) {
            int[] ids = random.ints(ROW, 0, vocabulary).toArray();
            int[] labels = ids.clone();
            Arrays.fill(labels, 0, answers ? ROW / 2 : 0, Example.IGNORED);
            rows.add(new Example(ids, labels, i + 1));
        }
        return rows;
    }
}
