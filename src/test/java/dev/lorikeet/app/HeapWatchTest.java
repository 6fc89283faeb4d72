package dev.lorikeet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.app.HeapWatch.Look;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HeapWatchTest {
    @Test
    void whoUsesHalfASecondOfAProcessorInFiveIsNotQuiet() {
        var before = new Look(0, 0, Duration.ofSeconds(7));
        assertThat(new Look(0, 0, Duration.ofMillis(7400)).isQuietSince(before)).isTrue();
        assertThat(new Look(0, 0, Duration.ofMillis(7500)).isQuietSince(before)).isFalse();
    }

    @Test
    void aLookSeesThisProcess() {
        var look = Look.now();
        assertThat(look.heap()).isPositive();
        assertThat(look.processor()).isPositive();
    }
}
