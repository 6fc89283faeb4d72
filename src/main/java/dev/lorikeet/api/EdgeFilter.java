package dev.lorikeet.api;

import dev.lorikeet.config.LorikeetConfig;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;

/// What every request meets first, whichever route it takes: it gets an id, and a body that is announced as too large is
/// refused in OpenAI's envelope, as everything is once the server stops.
@ApplicationScoped
public class EdgeFilter {
    static final String REQUEST_ID = "x-request-id";
    /// Before the handler of Quarkus that answers 413 without a body.
    private static final int FIRST = 1000;
    private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");

    /// What a form may have beside its file.
    private static final long FORM = 1 << 16;

    /// Probes and scrapes are answered to the end.
    private static final Pattern WATCHED = Pattern.compile("/q/.*|/metrics|/health|/ping");
    /// Streams that follow what happens have no end of their own that would be worth waiting for.
    private static final Pattern FOLLOWED = Pattern.compile("/models/sse|/v1/fine_tuning/jobs/[^/]+/events");

    private static final Logger ACCESS = Logger.getLogger("dev.lorikeet.access");

    private final OpenRequests requests;
    private final Traces traces;
    private final boolean accessLog;
    private final long maxBody;
    private final long maxUpload;

    EdgeFilter(LorikeetConfig config, OpenRequests requests, Traces traces) {
        this.traces = traces;
        this.requests = requests;
        this.accessLog = config.logJson();
        this.maxBody = config.maxBody();
        this.maxUpload = config.maxUpload();
    }

    void register(@Observes Filters filters) {
        filters.register(this::filter, FIRST);
    }

    private void filter(RoutingContext context) {
        HttpServerResponse response = context.response();
        RequestEnd end = RequestEnd.listen(context);
        String id = requestId(context.request().getHeader(REQUEST_ID));
        response.putHeader(REQUEST_ID, id);
        if (context.request().version() == HttpVersion.HTTP_2) {
            // A stream's end says there what this says on a connection of one request at a time; clients take it for a broken protocol.
            context.addHeadersEndHandler(_ -> response.headers().remove("Connection"));
        }
        MDC.put("requestId", id);
        boolean watched = WATCHED.matcher(context.request().path()).matches();
        if (accessLog && !watched) {
            long began = System.nanoTime();
            end.always(() -> log(context, id, began));
        }
        String encoding = context.request().getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            // A few kilobytes may unpack to gigabytes.
            write(response.putHeader("Connection", "close"), new ApiError.Protocol(415, "Content-Encoding is '" + shown(encoding)
                    + "'; this server takes bodies as they are: send it without compression."));
            return;
        }
        boolean upload = context.request().path().equals("/v1/files");
        if (announced(context.request().getHeader("Content-Length")) > (upload ? maxUpload + FORM : maxBody)) {
            write(response.putHeader("Connection", "close"), upload ? tooLargeUpload(maxUpload) : tooLarge(maxBody));
        } else if (watched) {
            context.next();
        } else if (!requests.enter()) {
            write(response.putHeader("Connection", "close").putHeader("Retry-After", "2"), new ApiError.Unavailable("The server is shutting down."));
        } else {
            if (FOLLOWED.matcher(context.request().path()).matches()) {
                requests.leave();
            } else {
                end.always(requests::leave);
            }
            traces.request(context, id);
            context.next();
        }
    }

    /// What was asked and how it ended; nothing of what was said, and no parameters, which may be secret.
    private static void log(RoutingContext context, String id, long began) {
        MDC.put("requestId", id);
        ACCESS.infof("%s %s %d %d ms", context.request().method(), context.request().path(), context.response().getStatusCode(), (System.nanoTime() - began) / 1_000_000);
    }

    static ApiError tooLarge(long maxBody) {
        return new ApiError.Protocol(413, "The body of the request is larger than the " + maxBody + " bytes that this server accepts.");
    }

    static ApiError tooLargeUpload(long maxUpload) {
        return new ApiError.Protocol(413, "The file is larger than the " + maxUpload + " bytes that this server accepts (--max-upload).");
    }

    static void write(HttpServerResponse response, ApiError error) {
        error.retryAfter().ifPresent(wait -> response.putHeader("Retry-After", String.valueOf(wait.toSeconds())));
        response.setStatusCode(error.status()).putHeader("Content-Type", "application/json;charset=UTF-8")
                .end(Buffer.buffer(Json.bytes(ErrorBody.of(error))));
    }

    private static String requestId(String given) {
        if (given != null && SANE.matcher(given).matches()) {
            return given;
        }
        byte[] random = new byte[12];
        ThreadLocalRandom.current().nextBytes(random);
        return "req_" + HexFormat.of().formatHex(random);
    }

    private static String shown(String value) {
        return value.length() > 40 ? value.substring(0, 40) + "…" : value;
    }

    private static long announced(String contentLength) {
        try {
            return contentLength == null ? 0 : Long.parseLong(contentLength);
        } catch (NumberFormatException _) {
            return 0;
        }
    }
}
