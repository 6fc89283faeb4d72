package dev.lorikeet.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class AllowanceTest {
    private static Allowance of(long requests, long tokensPerMinute, long tokensPerDay, long concurrent) {
        return new Allowance(new Limits(limit(requests), limit(tokensPerMinute), limit(tokensPerDay), limit(concurrent)));
    }

    /// 0 for none.
    private static OptionalLong limit(long limit) {
        return limit == 0 ? OptionalLong.empty() : OptionalLong.of(limit);
    }

    private static Exceeded.Kind refused(Allowance allowance) {
        var thrown = org.assertj.core.api.Assertions.catchThrowableOfType(LimitException.class, allowance::begin);
        return thrown.exceeded().kind();
    }

    @Test
    void requestsBeyondTheLimitAreToldHowLongToWait() {
        var allowance = of(2, 0, 0, 0);
        assertThat(allowance.request()).isEmpty();
        assertThat(allowance.request()).isEmpty();
        var exceeded = allowance.request().orElseThrow();
        assertThat(exceeded.kind()).isEqualTo(Exceeded.Kind.REQUESTS_PER_MINUTE);
        assertThat(exceeded.limit()).isEqualTo(2);
        assertThat(exceeded.patience()).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(30));
    }

    @Test
    void aTextMayOverdrawItsTokensAndTheNextOneWaits() {
        var allowance = of(0, 10, 0, 0);
        try (var running = allowance.begin()) {
            running.spend(9);
            running.spend(21);
        }
        var thrown = org.assertj.core.api.Assertions.catchThrowableOfType(LimitException.class, allowance::begin);
        assertThat(thrown.exceeded().kind()).isEqualTo(Exceeded.Kind.TOKENS_PER_MINUTE);
        // Twenty below zero, and ten come a minute.
        assertThat(thrown.exceeded().patience()).isBetween(Duration.ofSeconds(110), Duration.ofSeconds(127));
    }

    @Test
    void theDaysTokensAreAPurseOfTheirOwn() {
        var allowance = of(0, 1000, 10, 0);
        allowance.begin().spend(10);
        assertThat(refused(allowance)).isEqualTo(Exceeded.Kind.TOKENS_PER_DAY);
    }

    @Test
    void aTextThatHasEndedMakesRoomOnce() {
        var allowance = of(0, 0, 0, 1);
        var first = allowance.begin();
        assertThat(refused(allowance)).isEqualTo(Exceeded.Kind.CONCURRENT_REQUESTS);
        first.close();
        first.close();
        var second = allowance.begin();
        assertThat(refused(allowance)).isEqualTo(Exceeded.Kind.CONCURRENT_REQUESTS);
        second.close();
    }

    @Test
    void aRefusedTextTakesNoPlace() {
        var allowance = of(0, 5, 0, 1);
        var running = allowance.begin();
        running.spend(5);
        running.close();
        assertThat(refused(allowance)).isEqualTo(Exceeded.Kind.TOKENS_PER_MINUTE);
        assertThat(refused(allowance)).isEqualTo(Exceeded.Kind.TOKENS_PER_MINUTE);
    }

    @Test
    void readingsSayWhatIsLeftOfTheTighterLimit() {
        var allowance = of(5, 1000, 50, 0);
        allowance.request();
        allowance.begin().spend(20);
        var readings = allowance.readings().toList();
        assertThat(readings).extracting(Allowance.Reading::counts).containsExactly("requests", "tokens");
        assertThat(readings).extracting(Allowance.Reading::limit).containsExactly(5L, 50L);
        assertThat(readings).extracting(Allowance.Reading::remaining).containsExactly(4L, 30L);
        assertThat(readings.getFirst().reset()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(12));
        assertThat(new Allowance(Limits.NONE).readings()).isEmpty();
    }

    @Test
    void aLimitBelowOneIsRefused() {
        assertThatThrownBy(() -> of(-1, 0, 0, 0)).hasMessageContaining("requests_per_minute is -1");
    }
}
