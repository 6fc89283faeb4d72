package dev.lorikeet.api;

import dev.lorikeet.chat.TextEvent;
import dev.lorikeet.engine.Phases;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The trace of one request's generation, in OpenTelemetry's words for generative AI: a span for the whole and, below it, one each for queue,
/// prefill and decode of every sequence. It holds numbers and names, never what anybody wrote. Safe for use by many threads.
final class GenerationSpan {
    private static final AttributeKey<List<String>> FINISH_REASONS = AttributeKey.stringArrayKey("gen_ai.response.finish_reasons");
    private static final AttributeKey<Long> INPUT_TOKENS = AttributeKey.longKey("gen_ai.usage.input_tokens");
    private static final AttributeKey<Long> OUTPUT_TOKENS = AttributeKey.longKey("gen_ai.usage.output_tokens");
    private static final AttributeKey<Long> CACHED_TOKENS = AttributeKey.longKey("gen_ai.usage.cache_read.input_tokens");
    private static final AttributeKey<Long> CHOICE = AttributeKey.longKey("lorikeet.choice");

    private final Tracer tracer;
    private final Span span;
    /// The two clocks at one moment.
    private final long epochNanos = System.currentTimeMillis() * 1_000_000;
    private final long nanos = System.nanoTime();
    private final List<String> reasons = new ArrayList<>();
    private int output;
    private int cached;
    private int open;
    private boolean ended;

    GenerationSpan(Tracer tracer, Span span) {
        this.tracer = tracer;
        this.span = span;
    }

    /// It runs. @param model as it was resolved @param inputTokens of all prompts @param sequences that were submitted
    synchronized void running(String model, int inputTokens, int sequences) {
        open = sequences;
        span.setAttribute("gen_ai.response.model", model).setAttribute(INPUT_TOKENS, (long) inputTokens);
    }

    /// A sequence has said something.
    synchronized void heard(TextEvent event) {
        switch (event) {
            case TextEvent.End end -> {
                open--;
                reasons.add(end.kind().finishReason());
                output += end.usage().completionTokens();
                cached += end.usage().cachedTokens();
            }
            case TextEvent.Failure failure -> fail("engine_error", failure.message());
            case TextEvent.Delta _, TextEvent.PromptScores _ -> { }
        }
    }

    /// It was refused, or broke off.
    synchronized void fail(String type, String message) {
        if (!ended) {
            span.setAttribute("error.type", type).setStatus(StatusCode.ERROR, message);
        }
    }

    /// Ends the span; a second time changes nothing. @param phases of each sequence that tells them
    synchronized void end(List<Phases> phases) {
        if (ended) {
            return;
        }
        if (open > 0) {
            fail("cancelled", "the client went away, or the request was ended before its texts were");
        }
        ended = true;
        long now = System.nanoTime();
        for (int choice = 0; choice < phases.size(); choice++) {
            var one = phases.get(choice);
            long started = one.started().orElse(now);
            long first = one.firstToken().orElse(now);
            phase("queue", choice, one.arrived(), started);
            if (one.started().isPresent()) {
                phase("prefill", choice, started, first);
            }
            if (one.firstToken().isPresent()) {
                phase("decode", choice, first, now);
            }
        }
        span.setAttribute(FINISH_REASONS, reasons).setAttribute(OUTPUT_TOKENS, (long) output).setAttribute(CACHED_TOKENS, (long) cached);
        span.end(epoch(now), TimeUnit.NANOSECONDS);
    }

    private void phase(String name, int choice, long from, long to) {
        tracer.spanBuilder(name).setParent(Context.root().with(span)).setStartTimestamp(epoch(from), TimeUnit.NANOSECONDS).setAttribute(CHOICE, (long) choice)
                .startSpan().end(epoch(to), TimeUnit.NANOSECONDS);
    }

    private long epoch(long at) {
        return epochNanos + (at - nanos);
    }
}
