package dev.lorikeet.chat;

import java.util.List;
import java.util.Optional;

/// Looks for stop strings in a growing text, and holds back the end of it that may be the beginning of one.
///
/// The string that is complete first wins; of two that end at the same character, the longer. So what is found does not
/// depend on how the text was cut into tokens. One Knuth-Morris-Pratt automaton per string keeps the cost per character constant.
final class StopMatcher {
    private final List<String> stops;
    private final int[][] borders;
    private final int[] matched;
    private final StringBuilder pending = new StringBuilder();

    StopMatcher(List<String> stops) {
        this.stops = stops;
        matched = new int[stops.size()];
        borders = stops.stream().map(StopMatcher::borders).toArray(int[][]::new);
    }

    /// Takes more text, up to the end of a stop string.
    ///
    /// @param mayStop false: a string that is complete in this text does not count
    /// @return the stop string found; no more text may follow
    Optional<String> push(String text, boolean mayStop) {
        for (int i = 0; i < text.length(); i++) {
            pending.append(text.charAt(i));
            Optional<String> complete = advance(text.charAt(i));
            if (mayStop && complete.isPresent()) {
                return complete;
            }
        }
        return Optional.empty();
    }

    /// Text that can no longer be part of a stop string.
    String release() {
        int held = 0;
        for (int length : matched) {
            held = Math.max(held, length);
        }
        return take(pending.length() - held);
    }

    /// All that is left, at the end of the text.
    String rest() {
        return take(pending.length());
    }

    /// What is left in front of a stop string that [#push] found.
    String upTo(String stop) {
        return take(pending.length() - stop.length());
    }

    private String take(int length) {
        String text = pending.substring(0, length);
        pending.delete(0, length);
        return text;
    }

    private Optional<String> advance(char c) {
        String longest = null;
        for (int s = 0; s < matched.length; s++) {
            String stop = stops.get(s);
            int length = matched[s];
            while (length > 0 && stop.charAt(length) != c) {
                length = borders[s][length];
            }
            if (stop.charAt(length) == c) {
                length++;
            }
            if (length == stop.length()) {
                longest = longest == null || stop.length() > longest.length() ? stop : longest;
                length = borders[s][length];
            }
            matched[s] = length;
        }
        return Optional.ofNullable(longest);
    }

    // borders[n]: length of the longest proper prefix of the first n characters that is also their suffix.
    private static int[] borders(String stop) {
        int[] borders = new int[stop.length() + 1];
        int length = 0;
        for (int i = 1; i < stop.length(); i++) {
            while (length > 0 && stop.charAt(i) != stop.charAt(length)) {
                length = borders[length];
            }
            if (stop.charAt(i) == stop.charAt(length)) {
                length++;
            }
            borders[i + 1] = length;
        }
        return borders;
    }
}
