package dev.lorikeet.rag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Rate, quota and memory, with clocks that tests turn.
class LimitsTest {
    private long nanos;
    private Instant now = Instant.parse("2026-08-17T14:59:59Z");

    @Test
    void aBurstGoesAtOnceAndTheRestInTurn() throws Exception {
        List<Long> waits = new ArrayList<>();
        var bucket = new TokenBucket(8, () -> nanos, time -> waits.add(time.toMillis()));
        for (int i = 0; i < 10; i++) {
            bucket.take();
        }
        assertThat(waits).containsExactly(125L, 250L);
        nanos += 1_250_000_000L;
        for (int i = 0; i < 8; i++) {
            bucket.take();
        }
        assertThat(waits).hasSize(2);
    }

    @Test
    void afterThrottlingEverybodyWaits() throws Exception {
        List<Long> waits = new ArrayList<>();
        var bucket = new TokenBucket(8, () -> nanos, time -> waits.add(time.toMillis()));
        bucket.hold(Duration.ofMillis(500));
        bucket.take();
        assertThat(waits).containsExactly(500L);
    }

    @Test
    void theDayIsSeouls() throws Exception {
        var quota = new DailyQuota(2, () -> now);
        quota.spend("a");
        quota.spend("a");
        assertThatThrownBy(() -> quota.spend("a")).isInstanceOf(SearchException.QuotaUsedUp.class).hasMessageContaining("2026-08-17T15:00:00Z");
        now = now.plusSeconds(1);
        quota.spend("a");
    }

    @Test
    void theOneNotUsedForLongestIsForgotten() {
        var cache = new ExpiringCache<String, Integer>(2, Duration.ofMinutes(1), () -> now);
        cache.put("a", 1);
        cache.put("b", 2);
        cache.get("a");
        cache.put("c", 3);
        assertThat(cache.get("b")).isEmpty();
        assertThat(cache.get("a")).contains(1);
        now = now.plusSeconds(60);
        assertThat(cache.get("a")).isEmpty();
    }
}
