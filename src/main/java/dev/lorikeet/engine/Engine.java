package dev.lorikeet.engine;

import dev.lorikeet.model.Decoder;
import dev.lorikeet.tensor.Logits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/// Generates on one model: continuous batching, chunked prefill, prefix reuse. Requests may come from any thread; all work is done
/// in [#step()], which the [InferenceLoop] calls on the engine thread.
public final class Engine implements Generator {
    private static final Logger LOG = Logger.getLogger(Engine.class);

    private final Decoder decoder;
    private final EngineOptions options;
    private final InferenceLoop loop;
    private final SlotTable slots;
    private final Scheduler scheduler;
    private final Sampler sampler;
    private final AdapterBatches adapters;
    private final EngineListener listener;
    private final Scoring scoring = new Scoring();
    private final Map<Sequence, EventQueue> streams = new HashMap<>();
    private final ConcurrentLinkedQueue<Arrival> arrivals = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile boolean closing;
    private volatile int adaptersPrepared;
    private volatile EngineStats stats = new EngineStats(0, 0, 0, 0);

    private record Arrival(Sequence sequence, EventQueue stream) {}

    /// An engine for the base alone.
    public Engine(Decoder decoder, EngineOptions options, InferenceLoop loop) {
        this(decoder, options, loop, _ -> {
            throw new UnsupportedOperationException("this engine takes no adapters");
        });
    }

    public Engine(Decoder decoder, EngineOptions options, InferenceLoop loop, AdapterBatch.Source adapters) {
        this(decoder, options, loop, adapters, EngineListener.NONE);
    }

    public Engine(Decoder decoder, EngineOptions options, InferenceLoop loop, AdapterBatch.Source adapters, EngineListener listener) {
        this.listener = listener;
        this.decoder = decoder;
        this.options = options;
        this.loop = loop;
        this.slots = new SlotTable(decoder.slots());
        this.scheduler = new Scheduler(slots, options.prefillChunk());
        this.adapters = new AdapterBatches(adapters);
        this.sampler = new Sampler(decoder.vocabSize());
        loop.add(this);
    }

    @Override
    public TokenStream submit(GenerationRequest request) {
        if (request.promptIds().length >= decoder.capacity()) {
            throw new ContextLengthException(request.promptIds().length, 1, decoder.capacity());
        }
        for (int id : request.promptIds()) {
            if (id < 0 || id >= decoder.vocabSize()) {
                throw new IllegalArgumentException("the prompt has token id " + id + "; this model has ids 0 to " + (decoder.vocabSize() - 1));
            }
        }
        if (closing) {
            throw new IllegalStateException("the model is being unloaded");
        }
        if (queued.incrementAndGet() > options.maxQueue()) {
            queued.decrementAndGet();
            throw new QueueFullException(options.maxQueue());
        }
        var sequence = new Sequence(request, System.nanoTime(), options.timeLimit());
        var stream = new EventQueue(() -> {
            sequence.cancel();
            loop.wake();
        }, () -> {
            sequence.finish();
            loop.wake();
        }, sequence.times::phases);
        loop.began();
        arrivals.add(new Arrival(sequence, stream));
        loop.wake();
        return stream;
    }

    @Override
    public int maxContext() {
        return decoder.capacity();
    }

    @Override
    public void release(LoadedAdapter adapter) throws InterruptedException {
        var released = adapters.release(adapter);
        loop.wake();
        // An engine that ends meanwhile drops all it has.
        while (!released.await(100, TimeUnit.MILLISECONDS) && drained.getCount() > 0) {
            loop.wake();
        }
    }

    /// How often the adapters of a batch were put together, as of the last step. Any thread.
    int adapterBatchesPrepared() {
        return adaptersPrepared;
    }

    /// How busy the engine is, as of its last step. Any thread.
    public EngineStats stats() {
        return stats;
    }

    /// Refuses new requests, lets those that run finish, and leaves the loop. Blocks until then.
    public void drain() throws InterruptedException {
        closing = true;
        loop.wake();
        drained.await();
    }

    /// Engine thread only. @return whether there was anything to do
    boolean step() {
        var releases = adapters.takeReleases();
        takeArrivals();
        dropEnded();
        adapters.grant(releases);
        int waitingBefore = scheduler.waiting();
        var plan = scheduler.plan();
        queued.addAndGet(scheduler.waiting() - waitingBefore);
        if (!plan.isEmpty()) {
            run(plan);
        }
        adaptersPrepared = adapters.prepared();
        stats = new EngineStats(scheduler.running(), scheduler.waiting(), slots.filledPositions(), (long) decoder.slots() * decoder.capacity());
        if (closing && scheduler.isIdle() && arrivals.isEmpty()) {
            adapters.close();
            loop.remove(this);
            drained.countDown();
        }
        return !plan.isEmpty();
    }

    private void takeArrivals() {
        for (var arrival = arrivals.poll(); arrival != null; arrival = arrivals.poll()) {
            streams.put(arrival.sequence(), arrival.stream());
            scheduler.add(arrival.sequence());
        }
    }

    private void dropEnded() {
        long now = System.nanoTime();
        int waitingBefore = scheduler.waiting();
        var cancelled = scheduler.remove(Sequence::isCancelled);
        var late = scheduler.remove(sequence -> sequence.isLate(now));
        // First make room in the queue, then say so: who hears of an end may send the next request at once.
        queued.addAndGet(scheduler.waiting() - waitingBefore);
        cancelled.forEach(sequence -> end(sequence, new FinishReason.Cancelled(), sequence.outputLength()));
        late.forEach(sequence -> end(sequence, new FinishReason.TimeLimit(), sequence.outputLength()));
    }

    private void run(StepPlan plan) {
        if (!attempt(plan, () -> plan.copies().forEach(copy -> decoder.copyPrefix(copy.source(), copy.target(), copy.length())))) {
            return;
        }
        long now = System.nanoTime();
        plan.prefills().forEach(prefill -> prefill.sequence().times.start(now));
        for (var call : plan.calls(decoder.independentRows())) {
            attempt(call, () -> {
                try (var logits = decoder.step(call.toBatch(adapters))) {
                    advance(call, logits);
                }
            });
        }
        listener.step(plan.decoding().size() + plan.prefills().stream().mapToInt(StepPlan.Prefill::count).sum());
    }

    /// What breaks off ends the sequences it was for, and nobody else. @return whether it came to its end
    private boolean attempt(StepPlan plan, Runnable work) {
        try {
            work.run();
            return true;
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.errorf(e, "a step with %d decoding sequences and %d prompts failed", plan.decoding().size(), plan.prefills().size());
            fail(plan);
            return false;
        }
    }

    private void fail(StepPlan plan) {
        var touched = new ArrayList<>(plan.decoding());
        plan.prefills().forEach(prefill -> touched.add(prefill.sequence()));
        touched.removeIf(sequence -> !streams.containsKey(sequence));
        scheduler.abandon(touched);
        loop.ended(touched.size());
        touched.forEach(sequence -> tellEnd(sequence, EngineListener.Outcome.ERROR, sequence.outputLength()));
        touched.forEach(sequence -> streams.remove(sequence).emit(new GenerationEvent.Failed("the engine could not compute the next token; see the server's log")));
    }

    /// Gives each sequence what the step computed for it. Rows of logits come in the plan's order.
    private void advance(StepPlan plan, Logits logits) {
        long[] greedy = logits.greedy();
        var drawn = new ArrayList<Scoring.Drawn>();
        int row = 0;
        for (var sequence : plan.decoding()) {
            sequence.advance(1);
            drawn.add(draw(sequence, logits, greedy, row++));
        }
        for (var prefill : plan.prefills()) {
            var sequence = prefill.sequence();
            if (sequence.request.promptLogprobs().isPresent()) {
                scoring.addPrompt(prefill, logits, row);
                row += prefill.count() - 1;
            }
            boolean finished = prefill.finishesPrompt();
            sequence.advance(prefill.count());
            if (finished) {
                scoring.takePrompt(sequence).ifPresent(scores -> streams.get(sequence).emit(new GenerationEvent.PromptScored(scores)));
                drawn.add(draw(sequence, logits, greedy, row));
            }
            row += finished || sequence.request.promptLogprobs().isPresent() ? 1 : 0;
        }
        var scores = Scoring.score(drawn, logits);
        long now = System.nanoTime();
        drawn.forEach(token -> token.sequence().times.token(token.sequence(), now, listener));
        for (int i = 0; i < drawn.size(); i++) {
            deliver(drawn.get(i), scores.get(i));
        }
    }

    private Scoring.Drawn draw(Sequence sequence, Logits logits, long[] greedy, int row) {
        int token = Sampler.isRawArgmax(sequence) ? (int) greedy[row] : sampler.sample(sequence, logits.row(row));
        return new Scoring.Drawn(sequence, row, token);
    }

    private void deliver(Scoring.Drawn drawn, Optional<TokenLogprobs> logprobs) {
        var sequence = drawn.sequence();
        var ended = sequence.endsWith(drawn.token());
        if (ended.isPresent()) {
            scheduler.finish(sequence);
            end(sequence, ended.get(), sequence.outputLength() + 1);
            return;
        }
        sequence.append(drawn.token());
        streams.get(sequence).emit(new GenerationEvent.Token(drawn.token(), logprobs));
        sequence.endsAfterAppend(decoder.capacity()).ifPresent(reason -> {
            scheduler.finish(sequence);
            end(sequence, reason, sequence.outputLength());
        });
    }

    private void end(Sequence sequence, FinishReason reason, int generated) {
        scoring.forget(sequence);
        loop.ended(1);
        tellEnd(sequence, outcome(sequence, reason), generated);
        streams.remove(sequence).emit(new GenerationEvent.Finished(reason, generated, sequence.reused()));
    }

    private void tellEnd(Sequence sequence, EngineListener.Outcome outcome, int generated) {
        listener.ended(sequence.times.ended(outcome, sequence.promptLength(), generated, System.nanoTime()));
    }

    private static EngineListener.Outcome outcome(Sequence sequence, FinishReason reason) {
        return switch (reason) {
            case FinishReason.EndToken _, FinishReason.StopToken _ -> EngineListener.Outcome.STOP;
            case FinishReason.MaxTokens _, FinishReason.ContextFull _ -> EngineListener.Outcome.LENGTH;
            case FinishReason.RepetitionLoop _ -> EngineListener.Outcome.REPETITION;
            case FinishReason.Cancelled _ -> sequence.isSatisfied() ? EngineListener.Outcome.STOP : EngineListener.Outcome.ABORT;
            case FinishReason.TimeLimit _ -> EngineListener.Outcome.ABORT;
        };
    }

    /// Engine thread only: the server stops, nothing more will be computed.
    void abort() {
        takeArrivals();
        closing = true;
        loop.ended(streams.size());
        List.copyOf(streams.values()).forEach(stream -> stream.emit(new GenerationEvent.Failed("the server is shutting down")));
        streams.clear();
        adapters.close();
        drained.countDown();
    }
}
