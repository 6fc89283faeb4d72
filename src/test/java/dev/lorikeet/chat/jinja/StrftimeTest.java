package dev.lorikeet.chat.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Dates as Python's `strftime` wrote them for the same moment, 2026-03-04 15:06:07.000089 in Seoul.
class StrftimeTest {
    private final Strftime strftime =
            new Strftime(Clock.fixed(Instant.parse("2026-03-04T06:06:07.000089Z"), ZoneId.of("Asia/Seoul")));

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
        "%d %b %Y;04 Mar 2026",
        "%Y-%m-%d %H:%M:%S.%f;2026-03-04 15:06:07.000089",
        "%A, %B %-d, %y;Wednesday, March 4, 26",
        "%a %e %I:%M %p %j;Wed  4 03:06 PM 063",
        "%U %W %w %u %V %G;09 09 3 3 10 2026",
        "%c|%x|%X|%D|%F|%T|%R;Wed Mar  4 15:06:07 2026|03/04/26|15:06:07|03/04/26|2026-03-04|15:06:07|15:06",
        "%-H %-I %-m %-M %-j;15 3 3 6 63",
        "100%% [%z%Z];100% []",
    })
    void formatsAsPython(String format, String expected) {
        assertThat(strftime.apply(format)).isEqualTo(expected);
    }

    @Test
    void midnightAndNoonAreTwelve() {
        assertThat(new Strftime(Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneId.of("UTC"))).apply("%I %p %j %U"))
                .isEqualTo("12 AM 001 00");
    }

    @Test
    void theDefaultClockIsTheLocalOne() {
        assertThat(JinjaTemplate.compile("{{ strftime_now('%Y') }}").render(Map.of(), Map.of()).text()).matches("\\d{4}");
    }
}
