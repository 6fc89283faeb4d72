package dev.lorikeet.access;

import java.util.OptionalLong;

/// How much one key may ask for; what is empty is not limited.
public record Limits(OptionalLong requestsPerMinute, OptionalLong tokensPerMinute, OptionalLong tokensPerDay, OptionalLong concurrentRequests) {
    public static final Limits NONE = new Limits(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());
    public static final String REQUESTS_PER_MINUTE = "requests_per_minute";
    public static final String TOKENS_PER_MINUTE = "tokens_per_minute";
    public static final String TOKENS_PER_DAY = "tokens_per_day";
    public static final String CONCURRENT_REQUESTS = "concurrent_requests";

    public Limits {
        check(REQUESTS_PER_MINUTE, requestsPerMinute);
        check(TOKENS_PER_MINUTE, tokensPerMinute);
        check(TOKENS_PER_DAY, tokensPerDay);
        check(CONCURRENT_REQUESTS, concurrentRequests);
    }

    private static void check(String name, OptionalLong limit) {
        // The buckets count up to that.
        if (limit.isPresent() && (limit.getAsLong() < 1 || limit.getAsLong() > Integer.MAX_VALUE)) {
            throw new IllegalArgumentException(name + " is " + limit.getAsLong() + "; it must be a whole number from 1 to " + Integer.MAX_VALUE);
        }
    }

    /// These, and where they say nothing, others.
    Limits or(Limits others) {
        return new Limits(first(requestsPerMinute, others.requestsPerMinute), first(tokensPerMinute, others.tokensPerMinute),
                first(tokensPerDay, others.tokensPerDay), first(concurrentRequests, others.concurrentRequests));
    }

    private static OptionalLong first(OptionalLong a, OptionalLong b) {
        return a.isPresent() ? a : b;
    }
}
