package dev.lorikeet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Thousands of random histories of the pure scheduler; each prints its seed when it fails.
class SchedulerTest {
    private static final int SLOTS = 4;
    private static final int CHUNK = 16;

    @Test
    void invariantsHoldInEveryHistory() {
        for (long seed = 0; seed < 4000; seed++) {
            history(seed);
        }
    }

    private static void history(long seed) {
        var random = new SplittableRandom(seed);
        var slots = new SlotTable(SLOTS);
        var scheduler = new Scheduler(slots, CHUNK);
        var alive = new ArrayList<Sequence>();
        int submitted = 0;
        int ended = 0;
        int idleSteps = 0;
        while (submitted < 25 || !alive.isEmpty()) {
            if (submitted < 25 && random.nextInt(3) == 0) {
                var sequence = sequence(random);
                alive.add(sequence);
                scheduler.add(sequence);
                submitted++;
            }
            if (random.nextInt(12) == 0 && !alive.isEmpty()) {
                var victim = alive.get(random.nextInt(alive.size()));
                var removed = scheduler.remove(s -> s == victim);
                assertThat(removed).as("seed %d", seed).containsExactly(victim);
                alive.remove(victim);
                ended++;
            }
            var plan = scheduler.plan();
            check(seed, scheduler, slots, plan);
            ended += advance(scheduler, plan, alive);
            idleSteps = plan.isEmpty() && !alive.isEmpty() ? idleSteps + 1 : 0;
            assertThat(idleSteps).as("seed %d: nothing is computed though requests wait", seed).isZero();
        }
        assertThat(ended).as("seed %d: every sequence ends once", seed).isEqualTo(submitted);
        assertThat(scheduler.isIdle()).isTrue();
        assertThat(slots.free()).as("seed %d: every slot is free", seed).isEqualTo(SLOTS);
    }

    private static Sequence sequence(SplittableRandom random) {
        int[] shared = new SplittableRandom(random.nextInt(3)).ints(random.nextInt(1, 90), 0, 50).toArray();
        int[] prompt = IntStream.concat(IntStream.of(shared), random.ints(random.nextInt(1, 9), 0, 50)).toArray();
        return new Sequence(Requests.greedy(prompt, 1 + random.nextInt(20)), 0, Duration.ofDays(1));
    }

    private static void check(long seed, Scheduler scheduler, SlotTable slots, StepPlan plan) {
        assertThat(scheduler.running() + slots.free()).as("seed %d: used + free = all", seed).isEqualTo(SLOTS);
        var used = new HashSet<Integer>();
        int previous = -1;
        for (var sequence : plan.decoding()) {
            assertThat(used.add(sequence.slot())).as("seed %d: no slot twice", seed).isTrue();
            assertThat(sequence.slot()).as("seed %d: ascending slots", seed).isGreaterThan(previous);
            assertThat(sequence.cached()).as("seed %d: a decoding sequence has all but its last token cached", seed)
                    .isEqualTo(sequence.tokens().size() - 1);
            previous = sequence.slot();
        }
        int prompts = 0;
        for (var prefill : plan.prefills()) {
            assertThat(used.add(prefill.sequence().slot())).as("seed %d: no slot twice", seed).isTrue();
            assertThat(prefill.count()).isPositive();
            assertThat(prefill.sequence().cached() + prefill.count()).isLessThanOrEqualTo(prefill.sequence().promptLength());
            prompts += prefill.count();
        }
        assertThat(prompts).as("seed %d: the budget holds", seed).isLessThanOrEqualTo(plan.decoding().isEmpty() ? CHUNK * 4 : CHUNK);
        for (var copy : plan.copies()) {
            assertThat(copy.source()).as("seed %d", seed).isNotEqualTo(copy.target());
        }
    }

    private static int advance(Scheduler scheduler, StepPlan plan, List<Sequence> alive) {
        int ended = 0;
        for (var sequence : plan.decoding()) {
            sequence.advance(1);
            ended += append(scheduler, sequence, alive);
        }
        for (var prefill : plan.prefills()) {
            boolean finished = prefill.finishesPrompt();
            prefill.sequence().advance(prefill.count());
            ended += finished ? append(scheduler, prefill.sequence(), alive) : 0;
        }
        return ended;
    }

    private static int append(Scheduler scheduler, Sequence sequence, List<Sequence> alive) {
        sequence.append(sequence.tokens().size() % 50);
        if (sequence.endsAfterAppend(1000).isEmpty()) {
            return 0;
        }
        scheduler.finish(sequence);
        alive.remove(sequence);
        return 1;
    }
}
