package dev.lorikeet.api;

import dev.lorikeet.access.Allowance;
import dev.lorikeet.chat.TextEvent;
import dev.lorikeet.chat.TextStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// The events of all choices of one request in the order in which they come. One thread reads; any thread may close, which
/// cancels what still runs and wakes the reader.
///
/// A single stream is read where it is. Several are read by one virtual thread each into a short queue: if nobody takes from
/// it they stop reading, so that back-pressure is the same in both cases.
final class ChoiceEvents implements AutoCloseable {
    private static final int EVENTS_AHEAD_PER_CHOICE = 2;
    private static final Duration LONG = Duration.ofSeconds(10);

    private final List<TextStream> streams;
    private final Allowance.Running running;
    private final int[] spent;
    private final GenerationSpan span;
    private final Consumer<int[]> onEnd;
    private final BlockingQueue<ChoiceEvent> merged;
    private final List<Thread> pumps;
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile boolean closed;
    private volatile Optional<Thread> reader = Optional.empty();

    /// @param running is told of every token that is delivered @param span hears every event, and ends when this is closed
    /// @param onEnd is told then how many tokens of each choice were delivered
    ChoiceEvents(List<TextStream> streams, Allowance.Running running, GenerationSpan span, Consumer<int[]> onEnd) {
        this.running = running;
        this.spent = new int[streams.size()];
        this.span = span;
        this.onEnd = onEnd;
        this.streams = List.copyOf(streams);
        this.merged = new ArrayBlockingQueue<>(EVENTS_AHEAD_PER_CHOICE * streams.size());
        this.pumps = new ArrayList<>();
        for (int choice = 0; streams.size() > 1 && choice < streams.size(); choice++) {
            int index = choice;
            pumps.add(Thread.ofVirtual().name("choice-" + index).start(() -> pump(index)));
        }
    }

    /// An event and the choice it belongs to.
    record ChoiceEvent(int choice, TextEvent event) {}

    /// The next event, or empty if none came in time. @throws ClientGone after [#close()]
    Optional<ChoiceEvent> next(Duration timeout) {
        if (reader.isEmpty()) {
            reader = Optional.of(Thread.currentThread());
        }
        if (closed) {
            throw new ClientGone();
        }
        try {
            Optional<ChoiceEvent> next = streams.size() == 1 ? streams.getFirst().next(timeout).map(event -> new ChoiceEvent(0, event))
                    : Optional.ofNullable(merged.poll(timeout.toNanos(), TimeUnit.NANOSECONDS));
            next.ifPresent(event -> {
                count(event);
                span.heard(event.event());
            });
            return next;
        } catch (InterruptedException _) {
            throw new ClientGone();
        }
    }

    private void count(ChoiceEvent event) {
        int tokens = switch (event.event()) {
            case TextEvent.Delta delta -> delta.tokens().size();
            // Those without a text, such as the end token.
            case TextEvent.End end -> end.usage().completionTokens() - spent[event.choice()];
            case TextEvent.PromptScores _, TextEvent.Failure _ -> 0;
        };
        spent[event.choice()] += tokens;
        running.spend(tokens);
    }

    int size() {
        return streams.size();
    }

    @Override
    public void close() {
        if (ended.compareAndSet(false, true)) {
            closed = true;
            streams.forEach(TextStream::close);
            span.end(streams.stream().flatMap(stream -> stream.phases().stream()).toList());
            onEnd.accept(spent.clone());
            pumps.forEach(Thread::interrupt);
            reader.filter(thread -> thread != Thread.currentThread()).ifPresent(Thread::interrupt);
        }
    }

    private void pump(int choice) {
        try {
            boolean open = true;
            while (open && !closed) {
                Optional<TextEvent> event = read(choice);
                if (event.isPresent()) {
                    merged.put(new ChoiceEvent(choice, event.get()));
                    open = !(event.get() instanceof TextEvent.End || event.get() instanceof TextEvent.Failure);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// A bug becomes a failure: if this thread merely died, the reader would wait for ever.
    private Optional<TextEvent> read(int choice) throws InterruptedException {
        try {
            return streams.get(choice).next(LONG);
        } catch (RuntimeException e) {
            UnexpectedErrors.log(e, "of choice " + choice);
            return Optional.of(new TextEvent.Failure(UnexpectedErrors.INTERNAL.message()));
        }
    }

    /// The client has gone; nobody is left to tell.
    static final class ClientGone extends RuntimeException {
        private static final long serialVersionUID = 1;

        ClientGone() {
            super("the client closed the connection", null, false, false);
        }
    }
}
