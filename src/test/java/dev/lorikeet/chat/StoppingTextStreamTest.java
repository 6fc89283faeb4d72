package dev.lorikeet.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.engine.FinishReason;
import dev.lorikeet.engine.GenerationEvent;
import dev.lorikeet.engine.GenerationRequest;
import dev.lorikeet.engine.SamplingParams;
import dev.lorikeet.engine.StopRules;
import dev.lorikeet.engine.TokenLogprobs;
import dev.lorikeet.engine.TokenStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class StoppingTextStreamTest {
    private static final ModelTokenizer DEMO = ModelTokenizer.open(TinyTokenizers.DEMO, _ -> false);

    @AfterAll
    static void close() {
        DEMO.close();
    }

    /// An engine that has already said everything.
    private static final class Scripted implements TokenStream {
        private final Deque<GenerationEvent> events = new ArrayDeque<>();
        private boolean cancelled;

        Scripted text(String text) {
            for (int id : DEMO.encode(text, false)) {
                events.add(new GenerationEvent.Token(id, Optional.empty()));
            }
            return this;
        }

        Scripted then(GenerationEvent event) {
            events.add(event);
            return this;
        }

        Scripted end(FinishReason reason, int generated) {
            return then(new GenerationEvent.Finished(reason, generated, 3));
        }

        @Override
        public Optional<GenerationEvent> next(Duration timeout) {
            return Optional.ofNullable(events.poll());
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    private static TextRequest request(boolean include, boolean skip, int minTokens, String... stops) {
        var rules = new StopRules(Set.of(), Set.of(), false, minTokens, 100, Optional.empty(), Optional.empty());
        var generation = new GenerationRequest(new int[] {1, 2}, SamplingParams.greedy(), rules, OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
        return new TextRequest(generation, List.of(stops), include, skip);
    }

    private static List<TextEvent> read(TokenStream tokens, TextRequest request) throws InterruptedException {
        List<TextEvent> events = new ArrayList<>();
        try (TextStream stream = new StoppingTextStream(tokens, request, DEMO)) {
            while (events.isEmpty() || !(events.getLast() instanceof TextEvent.End || events.getLast() instanceof TextEvent.Failure)) {
                events.add(stream.next(Duration.ofSeconds(1)).orElseThrow());
            }
        }
        return events;
    }

    private static String text(List<TextEvent> events) {
        StringBuilder text = new StringBuilder();
        events.forEach(event -> {
            if (event instanceof TextEvent.Delta(String part, List<TextEvent.OutputToken> _)) {
                text.append(part);
            }
        });
        return text.toString();
    }

    private static List<Integer> ids(List<TextEvent> events) {
        List<Integer> ids = new ArrayList<>();
        events.forEach(event -> {
            if (event instanceof TextEvent.Delta(String _, List<TextEvent.OutputToken> tokens)) {
                tokens.forEach(token -> ids.add(token.id()));
            }
        });
        return ids;
    }

    private static int tokens(String text) {
        return DEMO.encode(text, false).length;
    }

    @Test
    void deltasAddUpToTheTextAndEachTokenIsReportedOnce() throws InterruptedException {
        String text = "안녕하세요 👩‍👩‍👧 hello\n";
        List<TextEvent> events = read(new Scripted().text(text).end(new FinishReason.EndToken(1), 99), request(false, true, 0, "never"));
        assertThat(text(events)).isEqualTo(text);
        assertThat(ids(events)).containsExactlyElementsOf(Arrays.stream(DEMO.encode(text, false)).boxed().toList());
        assertThat(events.getLast()).isEqualTo(new TextEvent.End(TextEvent.StopKind.END_TOKEN, Optional.empty(), new TextEvent.Usage(2, 99, 3)));
    }

    @Test
    void aStopStringEndsTheTextAndTheEngine() throws InterruptedException {
        var engine = new Scripted().text("one two three four five").end(new FinishReason.Cancelled(), 50);
        List<TextEvent> events = read(engine, request(false, true, 0, "thr", "four"));
        assertThat(text(events)).isEqualTo("one two ");
        assertThat(engine.cancelled).isTrue();
        TextEvent.End end = (TextEvent.End) events.getLast();
        assertThat(end.kind()).isEqualTo(TextEvent.StopKind.STOP_STRING);
        assertThat(end.stopReason()).contains("thr");
        assertThat(end.usage().cachedTokens()).isEqualTo(3);
        assertThat(end.usage().completionTokens()).isEqualTo(ids(events).size()).isLessThan(tokens("one two three four five"));
        assertThat(DEMO.decode(ids(events).stream().mapToInt(i -> i).toArray(), true)).contains("one two thr");
        assertThat(DEMO.decode(ids(events).stream().limit(ids(events).size() - 1).mapToInt(i -> i).toArray(), true)).doesNotContain("thr");
    }

    @Test
    void anIncludedStopStringIsTheEndOfTheText() throws InterruptedException {
        List<TextEvent> events = read(new Scripted().text("one two three").end(new FinishReason.Cancelled(), 9), request(true, true, 0, "tw"));
        assertThat(text(events)).isEqualTo("one tw");
    }

    @Test
    void heldTextIsDeliveredWhenNoStopStringFollows() throws InterruptedException {
        List<TextEvent> events = read(new Scripted().text("one tw").end(new FinishReason.MaxTokens(), 9), request(false, true, 0, "two three"));
        assertThat(text(events)).isEqualTo("one tw");
        assertThat(((TextEvent.End) events.getLast()).kind()).isEqualTo(TextEvent.StopKind.MAX_TOKENS);
    }

    @Test
    void stopStringsCountOnlyBeyondMinTokens() throws InterruptedException {
        int n = tokens("a b a b");
        List<TextEvent> all = read(new Scripted().text("a b a b").end(new FinishReason.MaxTokens(), n), request(false, true, n, "b"));
        assertThat(text(all)).isEqualTo("a b a b");
        List<TextEvent> second = read(new Scripted().text("a b a b").end(new FinishReason.Cancelled(), n), request(false, true, n - 1, "b"));
        assertThat(text(second)).isEqualTo("a b a ");
    }

    @Test
    void stopTokensAreNamedAndIncludedOnlyOnRequest() throws InterruptedException {
        int end = DEMO.id("<end_of_turn>").getAsInt();
        List<TextEvent> without = read(new Scripted().text("hi").end(new FinishReason.StopToken(end), 2), request(false, false, 0));
        assertThat(text(without)).isEqualTo("hi");
        assertThat(((TextEvent.End) without.getLast()).stopReason()).contains(end);
        List<TextEvent> with = read(new Scripted().text("hi").end(new FinishReason.StopToken(end), 2), request(true, false, 0));
        assertThat(text(with)).isEqualTo("hi<end_of_turn>");
        assertThat(ids(with)).doesNotContain(end);
        List<TextEvent> hidden = read(new Scripted().text("hi").end(new FinishReason.StopToken(end), 2), request(true, true, 0));
        assertThat(text(hidden)).isEqualTo("hi");
    }

    @Test
    void hiddenTokensAreReportedWithoutText() throws InterruptedException {
        List<TextEvent> events = read(new Scripted().text("<start_of_turn>hi").end(new FinishReason.ContextFull(), 2), request(false, true, 0));
        assertThat(text(events)).isEqualTo("hi");
        assertThat(ids(events)).startsWith(DEMO.id("<start_of_turn>").getAsInt());
    }

    @Test
    void aFailureLeavesTheTextSoFar() throws InterruptedException {
        List<TextEvent> events = read(new Scripted().text("one tw").then(new GenerationEvent.Failed("out of memory")), request(false, true, 0, "two"));
        assertThat(text(events)).isEqualTo("one tw");
        assertThat(events.getLast()).isEqualTo(new TextEvent.Failure("out of memory"));
    }

    @Test
    void logprobsShowTextAndBytes() throws InterruptedException {
        int id = DEMO.encode("안", false)[0];
        var logprobs = new TokenLogprobs(new TokenLogprobs.Entry(id, -0.5f, 1), List.of(new TokenLogprobs.Entry(id, -0.5f, 1)));
        var engine = new Scripted().then(new GenerationEvent.PromptScored(List.of(logprobs))).then(new GenerationEvent.Token(id, Optional.of(logprobs)))
                .end(new FinishReason.MaxTokens(), 1);
        List<TextEvent> events = read(engine, request(false, true, 0));
        TextEvent.PromptScores prompt = (TextEvent.PromptScores) events.getFirst();
        assertThat(prompt.tokens()).hasSize(2);
        assertThat(prompt.tokens().getFirst()).isEmpty();
        TextEvent.ScoredToken scored = ((TextEvent.Delta) events.get(1)).tokens().getFirst().scores().orElseThrow();
        assertThat(scored.bytes()).isEqualTo(DEMO.bytes(id));
        assertThat(scored.text()).isEqualTo(new String(DEMO.bytes(id), StandardCharsets.UTF_8));
        assertThat(scored.top()).hasSize(1);
        assertThat(scored.rank()).isEqualTo(1);
    }

    @Test
    void silenceIsEmptyNotTheEnd() throws InterruptedException {
        try (TextStream stream = new StoppingTextStream(new Scripted(), request(false, true, 0), DEMO)) {
            assertThat(stream.next(Duration.ZERO)).isEmpty();
        }
    }
}
