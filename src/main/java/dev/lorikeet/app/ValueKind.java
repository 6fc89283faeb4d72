package dev.lorikeet.app;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// What the value of an option may look like, so that a wrong one is refused before anything starts.
enum ValueKind {
    /// A name, a folder or several: judged where it is used.
    TEXT("text", _ -> true),
    COUNT("a whole number from 0 to " + Integer.MAX_VALUE, value -> isWhole(value, 0, Integer.MAX_VALUE)),
    POSITIVE("a whole number from 1 to " + Integer.MAX_VALUE, value -> isWhole(value, 1, Integer.MAX_VALUE)),
    PORT("a whole number from 0 to 65535", value -> isWhole(value, 0, 65535)),
    BYTES("a whole number of bytes, at least 1", value -> isWhole(value, 1, Long.MAX_VALUE)),
    SIZE("a whole number of bytes", value -> isWhole(value, 0, Long.MAX_VALUE)),
    NUMBER("a number, at least 0, such as 0.7", ValueKind::isNumber),
    NAMED_FOLDERS("name=folder, or several of these with commas between them", value -> value.matches("[^=,]+=[^,]+(,[^=,]+=[^,]+)*")),
    BOOL("true or false", List.of("true", "false")),
    TIME("a time above zero with its unit, such as 500ms, 90s, 10m or 1h", ValueKind::isTime),
    LOG_LEVEL("DEBUG, INFO, WARN or ERROR", List.of("DEBUG", "INFO", "WARN", "ERROR"));

    private static final Pattern TIME_SYNTAX = Pattern.compile("([0-9]+)(ms|s|m|h)");

    private final String words;
    private final Predicate<String> allowed;
    private final List<String> choices;

    ValueKind(String words, Predicate<String> allowed) {
        this(words, allowed, List.of());
    }

    ValueKind(String words, List<String> choices) {
        this(words, choices::contains, choices);
    }

    ValueKind(String words, Predicate<String> allowed, List<String> choices) {
        this.words = words;
        this.allowed = allowed;
        this.choices = choices;
    }

    /// The only values there are, or none if they cannot be listed.
    List<String> choices() {
        return choices;
    }

    /// @throws IllegalArgumentException naming the flag, the value and what it must be
    void check(String flag, String value) {
        if (!allowed.test(value)) {
            throw new IllegalArgumentException(flag + " is `" + value + "`; it must be " + words);
        }
    }

    private static boolean isWhole(String value, long min, long max) {
        try {
            long number = Long.parseLong(value);
            return number >= min && number <= max && value.chars().allMatch(c -> c >= '0' && c <= '9');
        } catch (NumberFormatException _) {
            return false;
        }
    }

    private static boolean isNumber(String value) {
        return value.matches("[0-9]{1,9}(\\.[0-9]{1,9})?");
    }

    private static boolean isTime(String value) {
        var time = TIME_SYNTAX.matcher(value);
        if (!time.matches()) {
            return false;
        }
        try {
            long number = Long.parseLong(time.group(1));
            var duration = switch (time.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofHours(number);
            };
            // Timers count nanoseconds.
            return duration.toNanos() > 0;
        } catch (NumberFormatException | ArithmeticException _) {
            return false;
        }
    }
}
