package dev.lorikeet.hub;

import java.time.Duration;

/// How long an unwilling hub is asked again.
///
/// @param tries at most @param longestWait a hub that wants a longer pause is given up
public record Patience(int tries, Duration longestWait) {
    /// Somebody waits for the answer.
    public static final Patience BRIEF = new Patience(2, Duration.ofSeconds(2));
    /// A transfer in the background; the hub's own windows are five minutes.
    public static final Patience LONG = new Patience(5, Duration.ofMinutes(6));

    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final Duration LAST_WAIT = Duration.ofSeconds(8);

    /// The pause after a failure for which the hub named none. @param failures so far, from 1
    Duration waitAfter(int failures) {
        var wait = FIRST_WAIT.multipliedBy(1L << Math.min(failures - 1, 10));
        return wait.compareTo(LAST_WAIT) < 0 ? wait : LAST_WAIT;
    }
}
