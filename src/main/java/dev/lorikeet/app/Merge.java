package dev.lorikeet.app;

import dev.lorikeet.merge.AdapterMerge;
import dev.lorikeet.merge.MergeProgress;
import dev.lorikeet.merge.MergeReport;
import dev.lorikeet.merge.MergeRequest;
import dev.lorikeet.tensor.Torch;
import dev.lorikeet.terminal.LiveLine;
import dev.lorikeet.terminal.Screen;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;

/// `lorikeet merge`: puts an adapter into the weights of its base. Interrupted, it leaves nothing.
final class Merge implements MergeProgress {
    private static final List<Option> NEEDED = List.of(Option.MODEL, Option.ADAPTER, Option.OUT);

    private final long start = System.nanoTime();
    private final LiveLine line = new LiveLine(System.err, Screen.ofErrors());
    private volatile boolean interrupted;
    private int tenths = -1;

    private Merge() {}

    static void run(CommandLine command) {
        var options = command.options();
        var missing = NEEDED.stream().filter(option -> !options.containsKey(option)).map(Option::flag).toList();
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException("needs " + String.join(" and ", missing));
        }
        var merge = new Merge();
        var ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> merge.interrupt(ended)));
        try {
            Torch.start(Bench.threads(command));
            long shard = Long.parseLong(options.getOrDefault(Option.SHARD_SIZE, String.valueOf(MergeRequest.DEFAULT_SHARD_BYTES)));
            var request = new MergeRequest(Path.of(options.get(Option.MODEL)), Path.of(options.get(Option.ADAPTER)), Path.of(options.get(Option.OUT)), shard);
            merge.tell(AdapterMerge.run(request, merge));
        } finally {
            merge.line.close();
            ended.countDown();
        }
    }

    private void interrupt(CountDownLatch ended) {
        interrupted = true;
        try {
            ended.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void report(Stage stage, double fraction) {
        if (interrupted) {
            throw new CancellationException("interrupted; nothing was written");
        }
        int now = stage.ordinal() * 10 + (int) (fraction * 10);
        // Who waits less than a second wants to read nothing.
        if (now != tenths && seconds() > 1) {
            tenths = now;
            String text = String.format(Locale.ROOT, "%-9s %3.0f %%  %.0f s", stage.name().toLowerCase(Locale.ROOT), fraction * 100, seconds());
            if (line.isTerminal()) {
                line.show(text);
            } else {
                line.print(text);
            }
        }
    }

    private void tell(MergeReport report) {
        line.close();
        var logits = report.verification();
        System.out.printf("%s: %d tensors, %d of them changed, %,d bytes in %d file%s, %.1f s%n", report.out(), report.tensors(), report.changed(), report.bytes(),
                report.shards(), report.shards() == 1 ? "" : "s", seconds());
        System.out.printf("logits differ from those of base and adapter apart by %.2g of their spread (allowed %.2g; the adapter itself makes %.2g)%n",
                logits.difference(), logits.tolerance(), logits.effect());
        report.quantized().ifPresent(base -> System.out.printf("the adapter was trained on the base in %s: logits differ from those of that base with the adapter "
                + "by %.2g of their spread%n", base.scheme(), base.difference()));
    }

    private double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }
}
