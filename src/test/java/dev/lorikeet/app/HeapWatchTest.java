package dev.lorikeet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.app.HeapWatch.Collection;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HeapWatchTest {
    private static final long MIB = 1 << 20;

    @Test
    void theHeapIsCollectedOnceItHasGrownByMuchAndNotAgainBeforeTwelvePauses() {
        var last = new Collection(100 * MIB, Duration.ofNanos(50), 1000);
        assertThat(last.isLongAgo(164 * MIB, 1601)).isFalse();
        assertThat(last.isLongAgo(165 * MIB, 1600)).isFalse();
        assertThat(last.isLongAgo(165 * MIB, 1601)).isTrue();
    }

    @Test
    void aLargeHeapMayGrowByAQuarter() {
        var last = new Collection(800 * MIB, Duration.ZERO, 0);
        assertThat(last.isLongAgo(1000 * MIB, 1)).isFalse();
        assertThat(last.isLongAgo(1001 * MIB, 1)).isTrue();
    }

    @Test
    void aCollectionKnowsWhatItLeft() {
        var collection = Collection.run();
        assertThat(collection.left()).isPositive();
        assertThat(collection.pause()).isPositive();
        assertThat(System.nanoTime()).isGreaterThanOrEqualTo(collection.end());
    }
}
