package dev.lorikeet.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Carries one sequence's events from the engine thread to its reader. It never makes the engine wait: a sequence has at most as
/// many events as its context has tokens, which bounds what a reader that has stopped can pile up.
final class EventQueue implements TokenStream {
    private final LinkedBlockingQueue<GenerationEvent> events = new LinkedBlockingQueue<>();
    private final Runnable onCancel;
    private final Runnable onFinish;
    private final Supplier<Phases> phases;

    EventQueue(Runnable onCancel, Runnable onFinish, Supplier<Phases> phases) {
        this.phases = phases;
        this.onCancel = onCancel;
        this.onFinish = onFinish;
    }

    void emit(GenerationEvent event) {
        events.add(event);
    }

    @Override
    public Optional<GenerationEvent> next(Duration timeout) throws InterruptedException {
        return Optional.ofNullable(events.poll(timeout.toNanos(), TimeUnit.NANOSECONDS));
    }

    @Override
    public void cancel() {
        onCancel.run();
    }

    @Override
    public void finish() {
        onFinish.run();
    }

    @Override
    public Optional<Phases> phases() {
        return Optional.of(phases.get());
    }
}
