package dev.lorikeet.app;

import dev.lorikeet.merge.AdapterMerge;
import dev.lorikeet.merge.MergeException;
import dev.lorikeet.merge.MergeProgress;
import dev.lorikeet.merge.MergeReport;
import dev.lorikeet.merge.MergeRequest;
import dev.lorikeet.tensor.Torch;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;

/// `lorikeet merge`: puts an adapter into the weights of its base. Interrupted, it leaves nothing.
final class Merge implements MergeProgress {
    private static final List<Option> NEEDED = List.of(Option.MODEL, Option.ADAPTER, Option.OUT);

    private final long start = System.nanoTime();
    private final boolean terminal = System.console() != null && System.console().isTerminal();
    private volatile boolean interrupted;
    private boolean shown;
    private int tenths = -1;

    private Merge() {}

    /// @return the exit status
    static int run(Map<Option, String> options) {
        var missing = NEEDED.stream().filter(option -> !options.containsKey(option)).map(Option::flag).toList();
        if (!missing.isEmpty()) {
            System.err.println("lorikeet merge: needs " + String.join(" and ", missing));
            return 2;
        }
        var merge = new Merge();
        var ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> merge.interrupt(ended)));
        try {
            Torch.start(Integer.parseInt(options.getOrDefault(Option.THREADS, "0")));
            long shard = Long.parseLong(options.getOrDefault(Option.SHARD_SIZE, String.valueOf(MergeRequest.DEFAULT_SHARD_BYTES)));
            var request = new MergeRequest(Path.of(options.get(Option.MODEL)), Path.of(options.get(Option.ADAPTER)), Path.of(options.get(Option.OUT)), shard);
            merge.tell(AdapterMerge.run(request, merge));
            return 0;
        } catch (MergeException | IllegalArgumentException e) {
            merge.endLine();
            System.err.println("lorikeet merge: " + e.getMessage());
            return 1;
        } catch (CancellationException _) {
            merge.endLine();
            System.err.println("lorikeet merge: interrupted; nothing was written");
            return 130;
        } finally {
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
            throw new CancellationException();
        }
        int now = stage.ordinal() * 10 + (int) (fraction * 10);
        // Who waits less than a second wants to read nothing.
        if (now != tenths && seconds() > 1) {
            tenths = now;
            shown = terminal;
            System.err.printf(terminal ? "\r%-9s %3.0f %%  %.0f s  " : "%-9s %3.0f %%  %.0f s%n", stage.name().toLowerCase(Locale.ROOT), fraction * 100, seconds());
        }
    }

    private void endLine() {
        if (shown) {
            System.err.println();
        }
    }

    private void tell(MergeReport report) {
        endLine();
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
