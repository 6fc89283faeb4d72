package dev.lorikeet.api;

import dev.lorikeet.access.Access;
import dev.lorikeet.access.Exceeded;
import dev.lorikeet.access.Gate;
import dev.lorikeet.access.OpenIdTokens;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Asks every request for its key, before anything of it is read. What needs none is listed here by its exact spelling; whatever else
/// arrives needs one, whether there is such a route or not.
@ApplicationScoped
public class AccessFilter {
    /// After [EdgeFilter] and Quarkus' own handling of CORS, whose preflights carry no key; before everything that answers.
    private static final int BEFORE_ROUTES = 250;
    private static final Pattern OPEN = Pattern.compile("/|/index\\.html|/page/[A-Za-z0-9_-]+\\.[a-z0-9]+|/health|/ping|/q/health(/(live|ready|started))?");
    private static final String METRICS = "/metrics";
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    private static final Pattern BEARER = Pattern.compile("(?i)Bearer +([!-~]{1,8192}) *");

    private final Gate gate;
    private final SiteGuard guard;
    private final ManagementServer management;

    AccessFilter(Gate gate, SiteGuard guard, ManagementServer management) {
        this.gate = gate;
        this.guard = guard;
        this.management = management;
    }

    void register(@Observes Filters filters) {
        filters.register(this::filter, BEFORE_ROUTES);
    }

    private void filter(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (!gate.isClosed()) {
            guard.refusal(request).ifPresentOrElse(error -> refuse(context, error), () -> proceed(context, Access.UNLIMITED));
        } else if (isOpen(request)) {
            context.next();
        } else {
            check(context);
        }
    }

    /// Whether a route of the OpenAPI document is there for everyone. Of metrics that is so until they have a port of their own.
    static boolean needsNoKey(String path) {
        return path.equals(METRICS) || OPEN.matcher(path).matches();
    }

    private boolean isOpen(HttpServerRequest request) {
        boolean metrics = request.path().equals(METRICS) && (!management.isApart() || management.received(request));
        return (request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD) && (metrics || OPEN.matcher(request.path()).matches());
    }

    private void check(RoutingContext context) {
        var token = token(context.request());
        var known = token.flatMap(gate.keyring()::find);
        var provider = gate.tokens().filter(_ -> known.isEmpty() && token.filter(OpenIdTokens::isMeant).isPresent());
        provider.ifPresentOrElse(tokens -> verify(context, tokens, token.orElseThrow()), () -> answer(context, known));
    }

    private static void answer(RoutingContext context, Optional<Access> known) {
        known.ifPresentOrElse(access -> proceed(context, access), () -> refuse(context, unauthorized(context.request())));
    }

    /// Elsewhere, since the provider may have to be asked; whoever reads the body goes on with the request, which waits meanwhile.
    private static void verify(RoutingContext context, OpenIdTokens tokens, String token) {
        context.request().pause();
        var events = Vertx.currentContext();
        Thread.ofVirtual().name("token-check").start(() -> {
            try {
                var known = tokens.find(token);
                events.runOnContext(_ -> answer(context, known));
            } catch (OpenIdTokens.Unreachable e) {
                events.runOnContext(_ -> refuse(context, new ApiError.Unavailable(e.getMessage())));
            } catch (RuntimeException e) {
                UnexpectedErrors.log(e, context.response().headers().get(EdgeFilter.REQUEST_ID));
                events.runOnContext(_ -> refuse(context, UnexpectedErrors.INTERNAL));
            }
        });
    }

    static boolean isReading(HttpServerRequest request) {
        return READING.contains(request.method());
    }

    private static Optional<String> token(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader("Authorization")).map(BEARER::matcher).filter(java.util.regex.Matcher::matches).map(match -> match.group(1));
    }

    private static ApiError unauthorized(HttpServerRequest request) {
        return new ApiError.Unauthorized(request.getHeader("Authorization") == null
                ? "You didn't provide an API key. Send it in the header 'Authorization: Bearer YOUR_KEY'; whoever runs this server gives keys out."
                : "Incorrect API key provided. Send one of this server's keys in the header 'Authorization: Bearer YOUR_KEY'.");
    }

    /// Reading counts as no request: what it costs is little, and a page that shows how a job goes on asks often.
    private static void proceed(RoutingContext context, Access access) {
        var exceeded = isReading(context.request()) ? Optional.<Exceeded>empty() : access.allowance().request();
        Callers.tell(context.response(), access.allowance());
        if (exceeded.isPresent()) {
            refuse(context, ApiError.Limited.of(exceeded.get()));
            return;
        }
        Callers.put(context, access);
        context.next();
    }

    private static void refuse(RoutingContext context, ApiError error) {
        if (error instanceof ApiError.Unauthorized) {
            context.response().putHeader("WWW-Authenticate", "Bearer realm=\"lorikeet\"");
        }
        // What is left of the body is not read.
        if (!isReading(context.request())) {
            context.response().putHeader("Connection", "close");
        }
        EdgeFilter.write(context.response(), error);
    }
}
