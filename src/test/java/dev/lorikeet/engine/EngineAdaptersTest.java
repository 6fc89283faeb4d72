package dev.lorikeet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.engine.AdapterMix.Share;
import dev.lorikeet.engine.FakeDecoder.FakeAdapter;
import dev.lorikeet.engine.FakeDecoder.FakeAdapters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineAdaptersTest {
    private static final Optional<AdapterMix> BASE = Optional.empty();
    private static final Optional<AdapterMix> ONE = Optional.of(AdapterMix.of(FakeAdapter.of(1)));
    private static final Optional<AdapterMix> TWO = Optional.of(AdapterMix.of(FakeAdapter.of(2)));
    private static final Optional<AdapterMix> BOTH = Optional.of(new AdapterMix(List.of(new Share(FakeAdapter.of(1), 0.5), new Share(FakeAdapter.of(2), 2))));
    private static final List<Optional<AdapterMix>> MIXES = List.of(BASE, ONE, TWO, BOTH);

    private final InferenceLoop loop = new InferenceLoop();
    private final FakeDecoder decoder = new FakeDecoder(4, 256);
    private final FakeAdapters adapters = new FakeAdapters();
    private final Engine engine = new Engine(decoder, new EngineOptions(100, 16, Duration.ofMinutes(1)), loop, adapters);

    @AfterEach
    void stop() {
        loop.close();
    }

    private static int[] prompt(long seed, int length) {
        return new SplittableRandom(seed).ints(length, 0, FakeDecoder.VOCAB).toArray();
    }

    private Requests.Result run(int[] prompt, int count, Optional<AdapterMix> mix) throws InterruptedException {
        return Requests.read(engine.submit(Requests.greedy(prompt, count).on(mix)));
    }

    private static GenerationRequest seeded(int[] prompt, int count, Optional<AdapterMix> mix) {
        return new GenerationRequest(prompt, SamplingParams.greedy(), Requests.stop(count), OptionalInt.empty(), OptionalInt.empty(), Optional.empty(), true, mix);
    }

    @Test
    void aMixedBatchGivesWhatEachAdapterGivesAloneAndBaseRowsAreTheBase() throws Exception {
        var streams = IntStream.range(0, 40).mapToObj(i -> engine.submit(Requests.greedy(prompt(i, 1 + i * 5), 12).on(MIXES.get(i % 4)))).toList();
        for (int i = 0; i < streams.size(); i++) {
            assertThat(Requests.read(streams.get(i)).tokens()).as("request %d", i).isEqualTo(FakeDecoder.expected(prompt(i, 1 + i * 5), 12, MIXES.get(i % 4)));
        }
        assertThat(FakeDecoder.expected(prompt(7, 9), 12, ONE)).isNotEqualTo(FakeDecoder.expected(prompt(7, 9), 12));
    }

    @Test
    void aPrefixIsSharedUnderTheSameMixAndNeverAcrossMixes() throws Exception {
        int[] prompt = prompt(1, 100);
        for (var mix : MIXES) {
            var first = run(prompt, 4, mix);
            assertThat(first.finished().orElseThrow().cachedTokens()).as(mix.toString()).isZero();
            assertThat(first.tokens()).isEqualTo(FakeDecoder.expected(prompt, 4, mix));
        }
        for (var mix : MIXES) {
            var again = run(prompt, 4, mix);
            assertThat(again.finished().orElseThrow().cachedTokens()).isEqualTo(99);
            assertThat(again.tokens()).isEqualTo(FakeDecoder.expected(prompt, 4, mix));
        }
    }

    @Test
    void anotherScaleIsAnotherMix() throws Exception {
        int[] prompt = prompt(2, 100);
        var weak = Optional.of(new AdapterMix(List.of(new Share(FakeAdapter.of(1), 0.25))));
        run(prompt, 4, ONE);
        var result = run(prompt, 4, weak);
        assertThat(result.finished().orElseThrow().cachedTokens()).isZero();
        assertThat(result.tokens()).isEqualTo(FakeDecoder.expected(prompt, 4, weak));
    }

    @Test
    void adaptersArePutTogetherWhenTheSetChangesAndNotForEveryToken() throws Exception {
        run(prompt(3, 40), 100, ONE);
        assertThat(adapters.prepared).hasSize(1);
        run(prompt(4, 40), 100, ONE);
        assertThat(adapters.prepared).hasSize(1);
        run(prompt(5, 40), 50, BASE);
        run(prompt(6, 40), 50, TWO);
        run(prompt(7, 40), 50, ONE);
        assertThat(adapters.prepared).hasSize(2);
    }

    /// Counted in steps: while other adapters arrive, run, end and are let go, a running sequence gets a token in every step.
    @Test
    void adaptersThatComeAndGoTakeNoStepFromASequenceThatRuns() throws Exception {
        var begun = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var held = new EngineListener() {
            @Override
            public void step(int tokens) {
                begun.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        var other = new FakeDecoder(4, 256);
        var busy = new Engine(other, new EngineOptions(100, 16, Duration.ofMinutes(1)), loop, adapters, held);
        var running = busy.submit(Requests.greedy(prompt(1, 8), 240));
        begun.await();
        var visitors = IntStream.range(0, 12).mapToObj(i -> busy.submit(Requests.greedy(prompt(2 + i, 16), 10)
                .on(Optional.of(AdapterMix.of(FakeAdapter.of(100 + i)))))).toList();
        var release = CompletableFuture.runAsync(() -> {
            try {
                busy.release(FakeAdapter.of(100));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        go.countDown();
        assertThat(Requests.read(running).tokens()).hasSize(240);
        assertThat(other.steps).isEqualTo(240);
        release.join();
        for (var visitor : visitors) {
            assertThat(Requests.read(visitor).tokens()).hasSize(10);
        }
        assertThat(adapters.prepared).hasSizeGreaterThan(3);
    }

    /// How its ranks are put together with those of others would change the last bits of a sequence that names a seed.
    @Test
    void aReproducibleSequenceIsComputedWithItsOwnAdaptersOnly() throws Exception {
        var streams = new ArrayList<TokenStream>();
        for (int i = 0; i < 16; i++) {
            streams.add(engine.submit(seeded(prompt(i, 20 + i), 30, MIXES.get(i % 4))));
        }
        for (int i = 0; i < 16; i++) {
            assertThat(Requests.read(streams.get(i)).tokens()).isEqualTo(FakeDecoder.expected(prompt(i, 20 + i), 30, MIXES.get(i % 4)));
        }
        assertThat(adapters.prepared).allMatch(mixes -> mixes.size() == 1);
    }

    @Test
    void aReleasedAdapterIsInNoBatchAnyMore() throws Exception {
        run(prompt(8, 20), 5, ONE);
        run(prompt(8, 20), 5, TWO);
        run(prompt(8, 20), 5, BOTH);
        assertThat(adapters.open).hasSize(3);
        engine.release(TWO.orElseThrow().shares().getFirst().adapter());
        assertThat(adapters.open).singleElement().satisfies(batch -> assertThat(batch.mixes()).containsExactly(ONE.orElseThrow()));
    }

    @Test
    void aCancelledSequenceHasLeftTheEngineWhenItsAdapterIsReleased() throws Exception {
        for (int round = 0; round < 50; round++) {
            var adapter = FakeAdapter.of(100 + round);
            var stream = engine.submit(Requests.greedy(prompt(round, 30), 200).on(Optional.of(AdapterMix.of(adapter))));
            if (round % 2 == 0) {
                stream.next(Duration.ofSeconds(30));
            }
            stream.cancel();
            engine.release(adapter);
            assertThat(adapters.open).isEmpty();
        }
    }

    @Test
    void anEngineThatEndsClosesItsBatchesAndReleasesAtOnce() throws Exception {
        run(prompt(9, 20), 5, ONE);
        engine.drain();
        assertThat(adapters.open).isEmpty();
        engine.release(ONE.orElseThrow().shares().getFirst().adapter());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void randomHistoriesOverManyAdaptersGiveWhatEachGivesAlone(long seed) throws Exception {
        var random = new SplittableRandom(seed);
        var many = IntStream.range(0, 9).mapToObj(i -> Optional.of(AdapterMix.of(FakeAdapter.of(10 + i)))).toList();
        var streams = new ArrayList<TokenStream>();
        var expected = new ArrayList<List<Integer>>();
        for (int i = 0; i < 90; i++) {
            int[] prompt = prompt(random.nextInt(6), 1 + random.nextInt(80));
            var mix = random.nextInt(4) == 0 ? BASE : many.get(random.nextInt(9));
            int count = 1 + random.nextInt(30);
            streams.add(engine.submit((random.nextInt(3) == 0 ? seeded(prompt, count, mix) : Requests.greedy(prompt, count)).on(mix)));
            expected.add(FakeDecoder.expected(prompt, count, mix));
        }
        for (int i = 0; i < streams.size(); i++) {
            assertThat(Requests.read(streams.get(i)).tokens()).as("seed %d, request %d", seed, i).isEqualTo(expected.get(i));
        }
        assertThat(adapters.open).hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void whatIsNotPurelyAdditiveIsNeitherScaledNorMixed() {
        var dora = new FakeAdapter(1, false);
        assertThat(AdapterMix.of(dora).shares()).hasSize(1);
        assertThatThrownBy(() -> new AdapterMix(List.of(new Share(dora, 0.5)))).hasMessageContaining("additive");
        assertThatThrownBy(() -> new AdapterMix(List.of(new Share(dora, 1), new Share(FakeAdapter.of(2), 1)))).hasMessageContaining("additive");
        assertThatThrownBy(() -> new AdapterMix(List.of(new Share(dora, 1), new Share(dora, 1)))).hasMessageContaining("twice");
        assertThatThrownBy(() -> new Share(dora, Double.NaN)).hasMessageContaining("finite");
    }
}
