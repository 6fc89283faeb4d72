package dev.lorikeet.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/// When the engine ends a sequence. Stop strings are text and live in `chat`.
///
/// @param endTokenIds end-of-text and end-of-turn tokens of the model (`generation_config.json`, tokenizer)
/// @param stopTokenIds further ids that the request named; reported as the stop reason
/// @param ignoreEos end tokens neither stop nor are masked
/// @param minTokens end and stop tokens cannot be drawn before this many output tokens
/// @param maxTokens output tokens at most, ≥ 1
/// @param timeLimit wall time from submission, waiting included
/// @param repetition stop when the output ends in a loop
public record StopRules(Set<Integer> endTokenIds, Set<Integer> stopTokenIds, boolean ignoreEos, int minTokens, int maxTokens,
                        Optional<Duration> timeLimit, Optional<RepetitionLoop> repetition) {

    public StopRules {
        endTokenIds = Set.copyOf(endTokenIds);
        stopTokenIds = Set.copyOf(stopTokenIds);
        if (maxTokens < 1) {
            throw new IllegalArgumentException("max_tokens is " + maxTokens + "; it must be ≥ 1");
        }
        if (minTokens < 0 || minTokens > maxTokens) {
            throw new IllegalArgumentException("min_tokens is " + minTokens + "; it must be between 0 and max_tokens (" + maxTokens + ")");
        }
    }

    /// The output loops when some block of at most `maxPeriod` tokens stands `minRepeats` times in a row at its end.
    public record RepetitionLoop(int maxPeriod, int minRepeats) {
        public RepetitionLoop {
            if (maxPeriod < 1 || maxPeriod > 256 || minRepeats < 2) {
                throw new IllegalArgumentException("repetition_detection needs 1 ≤ max_period ≤ 256 and min_repeats ≥ 2");
            }
        }
    }
}
