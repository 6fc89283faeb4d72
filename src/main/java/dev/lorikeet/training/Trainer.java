package dev.lorikeet.training;

import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.tensor.NativeHeap;
import dev.lorikeet.tensor.OutOfNativeMemoryException;
import dev.lorikeet.tensor.Torch;
import dev.lorikeet.training.data.Example;
import dev.lorikeet.training.data.PreferencePair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// Trains an adapter on a resident base model, which is read and never changed. To be run on the one trainer thread.
///
/// If the output folder has a complete checkpoint, training goes on from it as if it had never stopped.
public final class Trainer {
    private final LoadedModel base;
    private final TrainingOptions options;
    private final TrainingData data;
    private final TrainingFolder folder;
    private final TrainingHooks hooks;

    /// @throws TrainingRefusal naming the option that does not fit this model or these rows
    public Trainer(LoadedModel base, TrainingOptions options, TrainingData data, TrainingFolder folder, TrainingHooks hooks) {
        this.base = base;
        this.options = folder.startAdapter().map(start -> StartAdapter.read(start).applyTo(options)).orElse(options);
        this.data = data;
        this.folder = folder;
        this.hooks = hooks;
        requireRows();
        requireRoom();
    }

    private void requireRows() {
        Class<?> kind = switch (options.method()) {
            case TrainingMethod.Supervised _ -> Example.class;
            case TrainingMethod.Dpo _ -> PreferencePair.class;
        };
        if (!Stream.concat(data.train().stream(), data.validation().stream()).allMatch(kind::isInstance)) {
            throw new IllegalArgumentException("the method learns from rows of the kind " + kind.getSimpleName() + ", and there are others");
        }
    }

    private void requireRoom() {
        int limit = options.batching().maxSeqLength();
        data.train().stream().filter(example -> example.longest() > limit).findFirst().ifPresent(example -> {
            throw new TrainingRefusal("max_seq_length", "is " + limit + ", but row " + example.line() + " has " + example.longest()
                    + " tokens; shorten the rows or raise it");
        });
    }

    /// @throws TrainingFailure when it cannot go on; checkpoints written so far are kept
    /// @throws InterruptedException the thread was interrupted while serving went first
    public TrainingResult run() throws InterruptedException {
        Torch.enterThread(true);
        var checkpoints = new Checkpoints(folder.output(), options.saving().totalLimit());
        Optional<Path> resume = newest(checkpoints);
        try (var run = TrainingRun.open(new TrainingRun.Job(base, options, data, folder, hooks), checkpoints, resume)) {
            return run.train();
        } catch (OutOfNativeMemoryException e) {
            throw TrainingFailure.outOfMemory(resume.map(Checkpoints::step).orElse(0) + 1, e.getMessage(), e);
        } finally {
            NativeHeap.trim();
        }
    }

    private static Optional<Path> newest(Checkpoints checkpoints) {
        try {
            checkpoints.sweep();
            return checkpoints.newest();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
