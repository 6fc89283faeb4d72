package dev.lorikeet.api;

import dev.lorikeet.access.Access;
import dev.lorikeet.access.Allowance;
import dev.lorikeet.access.Caller;
import dev.lorikeet.registry.AdapterStatus;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;

/// Who makes the request that is being answered.
@ApplicationScoped
public class Callers {
    private static final String ACCESS = Access.class.getName();

    private final CurrentVertxRequest request;

    Callers(CurrentVertxRequest request) {
        this.request = request;
    }

    /// Keeps what [AccessFilter] has found.
    static void put(RoutingContext context, Access access) {
        context.put(ACCESS, access);
    }

    Access access() {
        Access access = request.getCurrent().get(ACCESS);
        if (access == null) {
            throw new IllegalStateException("a request came past the check of its key");
        }
        return access;
    }

    Caller caller() {
        return access().caller();
    }

    /// To whom belongs what the caller makes.
    Optional<String> owner() {
        return caller().owner();
    }

    boolean mayUse(AdapterStatus adapter) {
        return caller().mayUse(adapter.owner());
    }

    /// @param why what needs an admin, a sentence
    void requireAdmin(String why) {
        if (!caller().isAdmin()) {
            throw new ApiException(new ApiError.Forbidden(why, "insufficient_permissions"));
        }
    }

    /// Begins a text within the caller's limits, with its prompt's tokens spent.
    ///
    /// @throws dev.lorikeet.access.LimitException nothing is left
    Allowance.Running begin(long promptTokens) {
        Allowance allowance = access().allowance();
        var running = allowance.begin();
        running.spend(promptTokens);
        tell(request.getCurrent().response(), allowance);
        return running;
    }

    /// OpenAI's headers on what is left.
    static void tell(HttpServerResponse response, Allowance allowance) {
        allowance.readings().forEach(reading -> response.putHeader("x-ratelimit-limit-" + reading.counts(), String.valueOf(reading.limit()))
                .putHeader("x-ratelimit-remaining-" + reading.counts(), String.valueOf(reading.remaining()))
                .putHeader("x-ratelimit-reset-" + reading.counts(), words(reading.reset())));
    }

    /// As OpenAI writes times: `120ms`, `1.5s`, `6m0s`.
    static String words(Duration time) {
        long millis = time.toMillis();
        if (millis < 1000) {
            return millis + "ms";
        }
        long seconds = time.plusMillis(999).toSeconds();
        return seconds < 60 ? seconds + "s" : seconds < 3600 ? seconds / 60 + "m" + seconds % 60 + "s"
                : seconds / 3600 + "h" + seconds / 60 % 60 + "m" + seconds % 60 + "s";
    }
}
