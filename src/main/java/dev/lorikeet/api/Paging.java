package dev.lorikeet.api;

import java.util.List;
import java.util.function.Function;

/// A page of a list as OpenAI cuts it: the elements behind the one with the id `after`, up to `limit`.
record Paging<T>(List<T> data, boolean hasMore) {
    static <T> Paging<T> of(List<T> all, Function<T, String> id, String after, int limit) {
        int from = 0;
        if (after != null) {
            while (from < all.size() && !id.apply(all.get(from)).equals(after)) {
                from++;
            }
            if (from == all.size()) {
                throw unknown(after);
            }
            from++;
        }
        int to = Math.min(all.size(), from + limit);
        return new Paging<>(all.subList(from, to), to < all.size());
    }

    static ApiException unknown(String after) {
        return ApiException.invalid("after", "Invalid 'after': there is no element with the id '" + after + "' in this list.");
    }

    /// The value of the query's `limit`.
    static int limit(String given, int otherwise, int max) {
        if (given == null) {
            return otherwise;
        }
        try {
            int limit = Integer.parseInt(given);
            if (limit >= 1 && limit <= max) {
                return limit;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw ApiException.invalid("limit", "Invalid 'limit': '" + given + "'; expected an integer between 1 and " + max + ".");
    }
}
