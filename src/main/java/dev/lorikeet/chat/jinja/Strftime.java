package dev.lorikeet.chat.jinja;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;
import java.util.function.UnaryOperator;

/// Formats the current time as Python's `strftime` does in the C locale.
final class Strftime implements UnaryOperator<String> {
    private static final String[] DAYS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    private static final String[] MONTHS = {
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December"
    };

    private final Clock clock;

    Strftime(Clock clock) {
        this.clock = clock;
    }

    static Strftime local() {
        return new Strftime(Clock.systemDefaultZone());
    }

    @Override
    public String apply(String format) {
        ZonedDateTime now = ZonedDateTime.now(clock);
        StringBuilder out = new StringBuilder();
        int i = 0;
        while (i < format.length()) {
            char c = format.charAt(i++);
            if (c != '%' || i == format.length()) {
                out.append(c);
                continue;
            }
            char flag = "-_0^#".indexOf(format.charAt(i)) >= 0 && i + 1 < format.length() ? format.charAt(i++) : ' ';
            out.append(flagged(directive(format.charAt(i++), now), flag));
        }
        return out.toString();
    }

    private static String flagged(String value, char flag) {
        return switch (flag) {
            case '-' -> value.replaceFirst("^[0 ]+(?=.)", "");
            case '_' -> value.replaceFirst("^0(?=.)", " ");
            case '^' -> value.toUpperCase(Locale.ROOT);
            default -> value;
        };
    }

    private static String directive(char directive, ZonedDateTime now) {
        return switch (directive) {
            case 'c' -> combined("%a %b %e %H:%M:%S %Y", now);
            case 'D', 'x' -> combined("%m/%d/%y", now);
            case 'F' -> combined("%Y-%m-%d", now);
            case 'r' -> combined("%I:%M:%S %p", now);
            case 'R' -> combined("%H:%M", now);
            case 'T', 'X' -> combined("%H:%M:%S", now);
            case 'n' -> "\n";
            case 't' -> "\t";
            // Python's datetime.now() has no zone: both are empty.
            case 'z', 'Z' -> "";
            case '%' -> "%";
            case 'H', 'I', 'k', 'l', 'M', 'S', 'f', 'p', 'P', 's' -> ofTime(directive, now);
            default -> ofDate(directive, now);
        };
    }

    private static String ofTime(char directive, ZonedDateTime now) {
        int twelve = (now.getHour() + 11) % 12 + 1;
        return switch (directive) {
            case 'H' -> two(now.getHour());
            case 'I' -> two(twelve);
            case 'k' -> String.format("%2d", now.getHour());
            case 'l' -> String.format("%2d", twelve);
            case 'M' -> two(now.getMinute());
            case 'S' -> two(now.getSecond());
            case 'f' -> String.format("%06d", now.get(ChronoField.MICRO_OF_SECOND));
            case 'p' -> now.getHour() < 12 ? "AM" : "PM";
            case 'P' -> now.getHour() < 12 ? "am" : "pm";
            default -> String.valueOf(now.toEpochSecond());
        };
    }

    private static String ofDate(char directive, ZonedDateTime now) {
        int sunday = now.getDayOfWeek().getValue() % 7;
        return switch (directive) {
            case 'a' -> DAYS[now.getDayOfWeek().ordinal()].substring(0, 3);
            case 'A' -> DAYS[now.getDayOfWeek().ordinal()];
            case 'b', 'h' -> MONTHS[now.getMonthValue() - 1].substring(0, 3);
            case 'B' -> MONTHS[now.getMonthValue() - 1];
            case 'C' -> two(now.getYear() / 100);
            case 'd' -> two(now.getDayOfMonth());
            case 'e' -> String.format("%2d", now.getDayOfMonth());
            case 'G' -> String.valueOf(now.get(IsoFields.WEEK_BASED_YEAR));
            case 'j' -> String.format("%03d", now.getDayOfYear());
            case 'm' -> two(now.getMonthValue());
            case 'u' -> String.valueOf(now.getDayOfWeek().getValue());
            case 'U' -> two((now.getDayOfYear() + 6 - sunday) / 7);
            case 'V' -> two(now.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'w' -> String.valueOf(sunday);
            case 'W' -> two((now.getDayOfYear() + 6 - (sunday + 6) % 7) / 7);
            case 'y' -> two(now.getYear() % 100);
            case 'Y' -> String.valueOf(now.getYear());
            default -> "%" + directive;
        };
    }

    private static String combined(String format, ZonedDateTime now) {
        return new Strftime(Clock.fixed(now.toInstant(), now.getZone())).apply(format);
    }

    private static String two(int number) {
        return String.format("%02d", number);
    }
}
