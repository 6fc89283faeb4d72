package dev.lorikeet.rag;

import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;

/// Calls of one account in a Korean day, over all types of search. When they are used up nobody calls before midnight in Seoul. Safe for use by
/// many threads.
final class DailyQuota {
    static final int NAVERS = 25_000;
    private static final ZoneId SEOUL = ZoneId.of("Asia/Seoul");

    private final int calls;
    private final InstantSource clock;
    private LocalDate day = LocalDate.MIN;
    private int used;

    DailyQuota(int calls, InstantSource clock) {
        this.calls = calls;
        this.clock = clock;
    }

    /// Counts a call that is about to be made.
    synchronized void spend(String source) throws SearchException.QuotaUsedUp {
        turnDay();
        if (used >= calls) {
            throw usedUp(source);
        }
        used++;
    }

    /// The provider says that nothing is left: others use the account too.
    synchronized SearchException.QuotaUsedUp exhausted(String source) {
        turnDay();
        used = calls;
        return usedUp(source);
    }

    private void turnDay() {
        LocalDate today = LocalDate.ofInstant(clock.instant(), SEOUL);
        if (!today.equals(day)) {
            day = today;
            used = 0;
        }
    }

    private SearchException.QuotaUsedUp usedUp(String source) {
        Instant midnight = day.plusDays(1).atStartOfDay(SEOUL).toInstant();
        return new SearchException.QuotaUsedUp(source, midnight);
    }
}
