package dev.lorikeet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineTest {
    private final InferenceLoop loop = new InferenceLoop();
    private final FakeDecoder decoder = new FakeDecoder(4, 256);
    private final Engine engine = new Engine(decoder, new EngineOptions(100, 16, Duration.ofMinutes(1)), loop);

    @AfterEach
    void stop() {
        loop.close();
    }

    private static int[] prompt(long seed, int length) {
        return new SplittableRandom(seed).ints(length, 0, FakeDecoder.VOCAB).toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 64, 65, 200})
    void everyPromptLengthGivesWhatARunAloneGives(int length) throws Exception {
        int[] prompt = prompt(length, length);
        assertThat(Requests.read(engine.submit(Requests.greedy(prompt, 20))).tokens()).isEqualTo(FakeDecoder.expected(prompt, 20));
    }

    @Test
    void manySequencesAtOnceGiveWhatEachGivesAlone() throws Exception {
        var prompts = IntStream.range(0, 40).mapToObj(i -> prompt(i, 1 + i * 5)).toList();
        var streams = prompts.stream().map(prompt -> engine.submit(Requests.greedy(prompt, 10 + prompt.length % 7))).toList();
        for (int i = 0; i < prompts.size(); i++) {
            int[] prompt = prompts.get(i);
            assertThat(Requests.read(streams.get(i)).tokens()).as("request %d", i).isEqualTo(FakeDecoder.expected(prompt, 10 + prompt.length % 7));
        }
    }

    @Test
    void aRepeatedPromptIsNotComputedAgain() throws Exception {
        int[] prompt = prompt(1, 200);
        Requests.read(engine.submit(Requests.greedy(prompt, 4)));
        int before = decoder.tokensComputed;
        var result = Requests.read(engine.submit(Requests.greedy(prompt, 4)));
        assertThat(result.tokens()).isEqualTo(FakeDecoder.expected(prompt, 4));
        assertThat(result.finished().orElseThrow().cachedTokens()).isEqualTo(199);
        assertThat(decoder.tokensComputed - before).isEqualTo(4);
    }

    @Test
    void aLongerChatReusesTheShorterOneBeforeIt() throws Exception {
        int[] first = prompt(2, 100);
        var answer = Requests.read(engine.submit(Requests.greedy(first, 10))).tokens();
        int[] second = IntStream.concat(IntStream.concat(IntStream.of(first), answer.stream().mapToInt(i -> i)), IntStream.of(prompt(3, 20))).toArray();
        var result = Requests.read(engine.submit(Requests.greedy(second, 10)));
        assertThat(result.tokens()).isEqualTo(FakeDecoder.expected(second, 10));
        // The last token drawn was never fed back, so its keys and values are not there.
        assertThat(result.finished().orElseThrow().cachedTokens()).isEqualTo(109);
    }

    @Test
    void sequencesThatStartTogetherComputeTheirSharedPromptOnce() throws Exception {
        int[] prompt = prompt(4, 200);
        var streams = IntStream.range(0, 4).mapToObj(_ -> engine.submit(Requests.greedy(prompt, 5))).toList();
        for (var stream : streams) {
            assertThat(Requests.read(stream).tokens()).isEqualTo(FakeDecoder.expected(prompt, 5));
        }
        assertThat(decoder.tokensComputed).isLessThan(300);
    }

    @Test
    void aPrefixIsNotSharedAcrossSalts() throws Exception {
        int[] prompt = prompt(5, 100);
        Requests.read(engine.submit(salted(prompt, "one")));
        var other = Requests.read(engine.submit(salted(prompt, "two")));
        assertThat(other.finished().orElseThrow().cachedTokens()).isZero();
        assertThat(Requests.read(engine.submit(salted(prompt, "one"))).finished().orElseThrow().cachedTokens()).isEqualTo(99);
    }

    private static GenerationRequest salted(int[] prompt, String salt) {
        return new GenerationRequest(prompt, SamplingParams.greedy(), Requests.stop(3), OptionalInt.empty(), OptionalInt.empty(), Optional.of(salt));
    }

    @Test
    void endTokensStopAndAreNotDelivered() throws Exception {
        int[] prompt = prompt(6, 10);
        var expected = FakeDecoder.expected(prompt, 30);
        int end = expected.get(5);
        int first = expected.indexOf(end);
        var stop = new StopRules(Set.of(end), Set.of(), false, 0, 30, Optional.empty(), Optional.empty());
        var result = Requests.read(engine.submit(Requests.with(prompt, SamplingParams.greedy(), stop)));
        assertThat(result.tokens()).isEqualTo(expected.subList(0, first));
        assertThat(result.finished().orElseThrow().reason()).isEqualTo(new FinishReason.EndToken(end));
        assertThat(result.finished().orElseThrow().generatedTokens()).isEqualTo(first + 1);
    }

    @Test
    void ignoreEosPassesOverEndTokens() throws Exception {
        int[] prompt = prompt(6, 10);
        var expected = FakeDecoder.expected(prompt, 30);
        var stop = new StopRules(Set.of(expected.get(5)), Set.of(), true, 0, 30, Optional.empty(), Optional.empty());
        assertThat(Requests.read(engine.submit(Requests.with(prompt, SamplingParams.greedy(), stop))).tokens()).isEqualTo(expected);
    }

    @Test
    void minTokensMasksEndAndStopTokens() throws Exception {
        int[] prompt = prompt(7, 10);
        var expected = FakeDecoder.expected(prompt, 4);
        var stop = new StopRules(Set.of(expected.get(0)), Set.of(expected.get(1)), false, 8, 20, Optional.empty(), Optional.empty());
        var tokens = Requests.read(engine.submit(Requests.with(prompt, SamplingParams.greedy(), stop))).tokens();
        assertThat(tokens).hasSizeGreaterThanOrEqualTo(8);
        assertThat(tokens.subList(0, 8)).doesNotContain(expected.get(0), expected.get(1));
    }

    @Test
    void aLoopInTheOutputStopsWhenAsked() throws Exception {
        var bias = Map.of(5, 100f);
        var sampling = new SamplingParams(0, 1, 0, 0, 1, 1, 0, 0, bias, 0);
        var stop = new StopRules(Set.of(), Set.of(), false, 0, 100, Optional.empty(), Optional.of(new StopRules.RepetitionLoop(4, 6)));
        var result = Requests.read(engine.submit(Requests.with(prompt(8, 10), sampling, stop)));
        assertThat(result.tokens()).hasSize(6);
        assertThat(result.finished().orElseThrow().reason()).isEqualTo(new FinishReason.RepetitionLoop());
    }

    @Test
    void theContextEndsASequence() throws Exception {
        int[] prompt = prompt(9, 250);
        var result = Requests.read(engine.submit(Requests.greedy(prompt, 100)));
        assertThat(result.tokens()).isEqualTo(FakeDecoder.expected(prompt, 6));
        assertThat(result.finished().orElseThrow().reason()).isEqualTo(new FinishReason.ContextFull());
        assertThatThrownBy(() -> engine.submit(Requests.greedy(prompt(1, 256), 1))).isInstanceOf(ContextLengthException.class)
                .hasMessageContaining("256");
    }

    @Test
    void aTimeLimitEndsASequence() throws Exception {
        var stop = new StopRules(Set.of(), Set.of(), false, 0, 200, Optional.of(Duration.ZERO), Optional.empty());
        var result = Requests.read(engine.submit(Requests.with(prompt(10, 10), SamplingParams.greedy(), stop)));
        assertThat(result.finished().orElseThrow().reason()).isEqualTo(new FinishReason.TimeLimit());
    }

    @Test
    void cancellingFreesTheSlotForTheNext() throws Exception {
        var held = IntStream.range(0, 4).mapToObj(i -> engine.submit(Requests.greedy(prompt(i, 4), 250))).toList();
        held.forEach(TokenStream::cancel);
        for (var stream : held) {
            Requests.read(stream);
        }
        assertThat(Requests.read(engine.submit(Requests.greedy(prompt(11, 10), 5))).tokens()).hasSize(5);
        engine.drain();
        assertThat(engine.stats().running()).isZero();
    }

    @Test
    void aFullQueueRefusesAtOnceAndAcceptsAgainLater() throws Exception {
        var small = new Engine(new FakeDecoder(1, 4000), new EngineOptions(2, 16, Duration.ofMinutes(1)), loop);
        var streams = new ArrayList<TokenStream>();
        assertThatThrownBy(() -> {
            for (int i = 0; i < 50; i++) {
                streams.add(small.submit(Requests.greedy(prompt(i, 10), 3000)));
            }
        }).isInstanceOf(QueueFullException.class);
        streams.forEach(TokenStream::cancel);
        for (var stream : streams) {
            Requests.read(stream);
        }
        assertThat(Requests.read(small.submit(Requests.greedy(prompt(1, 10), 5))).tokens()).hasSize(5);
    }

    @Test
    void aStepThatBreaksFailsItsSequencesAndNobodyElse() throws Exception {
        decoder.broken = true;
        var failed = Requests.read(engine.submit(Requests.greedy(prompt(1, 40), 5)));
        assertThat(failed.finished()).isEmpty();
        decoder.broken = false;
        int[] prompt = prompt(1, 40);
        var result = Requests.read(engine.submit(Requests.greedy(prompt, 5)));
        assertThat(result.tokens()).isEqualTo(FakeDecoder.expected(prompt, 5));
        assertThat(result.finished().orElseThrow().cachedTokens()).isZero();
    }

    @Test
    void theSameSeedGivesTheSameTokensWhateverElseRuns() throws Exception {
        var sampling = new SamplingParams(1.5, 0.9, 20, 0, 1, 1.1, 0.2, 0.1, Map.of(), 42);
        var alone = Requests.read(engine.submit(Requests.with(prompt(1, 30), sampling, Requests.stop(40)))).tokens();
        var noise = IntStream.range(0, 10).mapToObj(i -> engine.submit(Requests.greedy(prompt(i + 100, 20), 60))).toList();
        assertThat(Requests.read(engine.submit(Requests.with(prompt(1, 30), sampling, Requests.stop(40)))).tokens()).isEqualTo(alone);
        for (var stream : noise) {
            Requests.read(stream);
        }
    }

    @Test
    void promptLogprobsCoverEveryTokenButTheFirst() throws Exception {
        int[] prompt = prompt(12, 150);
        var request = new GenerationRequest(prompt, SamplingParams.greedy(), Requests.stop(2), OptionalInt.of(3), OptionalInt.of(2), Optional.empty());
        var events = Requests.read(engine.submit(request)).events();
        var scored = ((GenerationEvent.PromptScored) events.getFirst()).tokens();
        assertThat(scored).hasSize(149);
        for (int i = 0; i < scored.size(); i++) {
            int expected = FakeDecoder.next(prompt, i + 1);
            assertThat(scored.get(i).token().id()).isEqualTo(prompt[i + 1]);
            assertThat(scored.get(i).token().rank()).isEqualTo(Math.floorMod(prompt[i + 1] - expected, FakeDecoder.VOCAB) + 1);
            assertThat(scored.get(i).top()).hasSize(2);
        }
        assertThat(((GenerationEvent.Token) events.get(1)).logprobs().orElseThrow().top()).hasSize(3);
    }

    @Test
    void drainFinishesWhatRunsAndRefusesTheRest() throws Exception {
        var stream = engine.submit(Requests.greedy(prompt(13, 20), 50));
        engine.drain();
        assertThat(Requests.read(stream).tokens()).hasSize(50);
        assertThatThrownBy(() -> engine.submit(Requests.greedy(prompt(13, 20), 5))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void randomTrafficWithCancellationsLeavesNothingBehind() throws Exception {
        var random = new SplittableRandom(7);
        for (int round = 0; round < 60; round++) {
            var streams = new ArrayList<TokenStream>();
            var prompts = new ArrayList<int[]>();
            for (int i = 0; i < 20; i++) {
                // Few distinct beginnings, so that prefixes are often shared.
                int[] prompt = IntStream.concat(IntStream.of(prompt(random.nextInt(3), random.nextInt(1, 120))), IntStream.of(prompt(round * 100 + i, 5))).toArray();
                prompts.add(prompt);
                boolean reproducible = random.nextInt(4) == 0;
                streams.add(engine.submit(new GenerationRequest(prompt, SamplingParams.greedy(), Requests.stop(1 + random.nextInt(30)), OptionalInt.empty(),
                        OptionalInt.empty(), Optional.empty(), reproducible, Optional.empty())));
            }
            for (int i = 0; i < streams.size(); i++) {
                if (random.nextInt(3) == 0) {
                    streams.get(i).cancel();
                }
                List<Integer> tokens = Requests.read(streams.get(i)).tokens();
                assertThat(tokens).isEqualTo(FakeDecoder.expected(prompts.get(i), tokens.size()));
            }
        }
        engine.drain();
        assertThat(engine.stats().running()).isZero();
        assertThat(engine.stats().waiting()).isZero();
    }
}
