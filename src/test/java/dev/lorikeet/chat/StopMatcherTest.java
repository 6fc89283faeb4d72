package dev.lorikeet.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopMatcherTest {
    @Test
    void holdsBackExactlyWhatMayBecomeAStopString() {
        var stops = new StopMatcher(List.of("abac", "xy"));
        assertThat(stops.push("zaba", true)).isEmpty();
        assertThat(stops.release()).isEqualTo("z");
        assertThat(stops.push("b", true)).isEmpty();
        assertThat(stops.release()).isEqualTo("ab");
        assertThat(stops.push("x", true)).isEmpty();
        assertThat(stops.release()).isEqualTo("ab");
        assertThat(stops.push("q", true)).isEmpty();
        assertThat(stops.release()).isEqualTo("xq");
    }

    @Test
    void theStringThatIsCompleteFirstWinsAndThenTheLonger() {
        var stops = new StopMatcher(List.of("c", "bc", "bcd"));
        assertThat(stops.push("abcd", true)).contains("bc");
        assertThat(stops.upTo("bc")).isEqualTo("a");
    }

    @Test
    void aStringThatMayNotStopYetIsText() {
        var stops = new StopMatcher(List.of("aa"));
        assertThat(stops.push("aaa", false)).isEmpty();
        assertThat(stops.release()).isEqualTo("aa");
        assertThat(stops.push("a", true)).contains("aa");
        assertThat(stops.upTo("aa")).isEmpty();
    }

    @Test
    void withoutStopStringsNothingIsHeld() {
        var stops = new StopMatcher(List.of());
        assertThat(stops.push("text", true)).isEmpty();
        assertThat(stops.release()).isEqualTo("text");
    }

    @Test
    void theResultDoesNotDependOnHowTheTextIsCut() {
        Random random = new Random(5);
        for (int round = 0; round < 20_000; round++) {
            List<String> strings = new ArrayList<>();
            for (int i = random.nextInt(4); i >= 0; i--) {
                strings.add(word(random, 1 + random.nextInt(4)));
            }
            String text = word(random, random.nextInt(24));
            assertThat(streamed(strings, text, random)).as(strings + " in " + text).isEqualTo(expected(strings, text));
        }
    }

    private static String word(Random random, int length) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < length; i++) {
            word.append((char) ('a' + random.nextInt(3)));
        }
        return word.toString();
    }

    private static String expected(List<String> strings, String text) {
        for (int end = 1; end <= text.length(); end++) {
            String soFar = text.substring(0, end);
            Optional<String> longest = strings.stream().filter(soFar::endsWith).max(Comparator.comparingInt(String::length));
            if (longest.isPresent()) {
                return text.substring(0, end - longest.get().length()) + "|" + longest.get();
            }
        }
        return text;
    }

    private static String streamed(List<String> strings, String text, Random random) {
        var stops = new StopMatcher(strings);
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            int next = Math.min(text.length(), at + random.nextInt(4));
            Optional<String> stop = stops.push(text.substring(at, next), true);
            if (stop.isPresent()) {
                return out + stops.upTo(stop.get()) + "|" + stop.get();
            }
            out.append(stops.release());
            for (String string : strings) {
                assertThat(out).doesNotContain(string);
            }
            at = next;
        }
        return out + stops.rest();
    }
}
