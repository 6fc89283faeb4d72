package dev.lorikeet.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.engine.ContextLengthException;
import dev.lorikeet.engine.QueueFullException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LongTextsTest {
    private static final String LONG = "a ".repeat(1 << 16);

    private static int[] once(CountDownLatch gate) {
        try {
            gate.await();
            return new int[] {1};
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void longTextsTakeTurnsOnThreadsOfTheSystemAndShortOnesPassThem() throws Exception {
        var texts = new LongTexts(() -> 1024, 22);
        var gate = new CountDownLatch(1);
        var atOnce = new AtomicInteger();
        var most = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        List<Boolean> virtual = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 9; i++) {
            var thread = Thread.ofVirtual().start(() -> texts.encode(LONG, () -> {
                most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                virtual.add(Thread.currentThread().isVirtual());
                int[] ids = once(gate);
                atOnce.decrementAndGet();
                return ids;
            }));
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            threads.add(thread);
        }
        assertThat(texts.encode("short", () -> new int[] {2})).containsExactly(2);
        assertThatThrownBy(() -> texts.encode(LONG, () -> new int[0])).isInstanceOf(QueueFullException.class).hasMessageContaining("8 long texts");
        gate.countDown();
        for (var thread : threads) {
            thread.join();
        }
        assertThat(most).hasValue(1);
        assertThat(virtual).hasSize(9).containsOnly(false);
        assertThat(texts.encode(LONG, () -> new int[] {3})).containsExactly(3);
    }

    @Test
    void aTextThatIsTooLongForAnyPromptIsNotEncoded() {
        var texts = new LongTexts(() -> 1024, 22);
        assertThatThrownBy(() -> texts.encode("a".repeat((1 << 18) + 1), () -> {
            throw new AssertionError("it was encoded");
        })).isInstanceOf(ContextLengthException.class).hasMessageContaining("1024 tokens").hasMessageContaining("262144 characters").hasMessageContaining("262145");
        assertThat(new LongTexts(() -> 100_000, 22).encode("a".repeat(2_200_000), () -> new int[] {1})).containsExactly(1);
    }

    @Test
    void whatTheTokenizerSaysIsSaidToTheCaller() {
        var texts = new LongTexts(() -> 1024, 22);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> texts.encode(LONG, () -> {
                throw new IllegalStateException("the tokenizer is closed");
            })).isInstanceOf(IllegalStateException.class).hasMessage("the tokenizer is closed");
        }
    }
}
