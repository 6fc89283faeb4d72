package dev.lorikeet.api;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/// Begins traces: the span of each HTTP request, below that of its caller, and below it those of generations. Without `--otlp-endpoint`
/// nothing is recorded.
@ApplicationScoped
public class Traces {
    private static final String SPAN = "lorikeet.span";
    private static final Pattern ID = Pattern.compile("/(file-|ftjob-|merge-)[0-9A-Za-z]+");
    private static final int NOT_FOUND = 404;
    private static final int SERVER_ERROR = 500;

    private final Tracer tracer;
    private final CurrentVertxRequest current;

    Traces(OpenTelemetry telemetry, CurrentVertxRequest current) {
        this.tracer = telemetry.getTracer("dev.lorikeet");
        this.current = current;
    }

    /// Begins the span of a request, which ends with its response. Its name has no ids, so that there are as many names as routes.
    void request(RoutingContext context, String requestId) {
        HttpServerRequest request = context.request();
        Context caller = W3CTraceContextPropagator.getInstance().extract(Context.root(), request, Headers.OF_REQUEST);
        String route = ID.matcher(request.path()).replaceAll("/{id}");
        Span span = tracer.spanBuilder(request.method() + " " + route).setParent(caller).setSpanKind(SpanKind.SERVER)
                .setAttribute("http.request.method", request.method().name()).setAttribute("url.path", request.path())
                .setAttribute("url.scheme", request.scheme()).setAttribute("http.request.header.x-request-id", requestId).startSpan();
        context.put(SPAN, span);
        RequestEnd.of(context).always(() -> end(span, request.method().name(), context.response().getStatusCode()));
    }

    private static void end(Span span, String method, int status) {
        span.setAttribute("http.response.status_code", status);
        if (status == NOT_FOUND) {
            // Anybody can make up paths.
            span.updateName(method);
        }
        if (status >= SERVER_ERROR) {
            span.setStatus(StatusCode.ERROR);
        }
        span.end();
    }

    private enum Headers implements TextMapGetter<HttpServerRequest> {
        OF_REQUEST;

        @Override
        public Iterable<String> keys(HttpServerRequest request) {
            return request.headers().names();
        }

        @Override
        public String get(HttpServerRequest request, String key) {
            return request.getHeader(key);
        }
    }

    /// @param operation `chat` or `text_completion` @param model as the request names it
    GenerationSpan begin(String operation, String model, SamplingFields sampling, StopFields stop, int choices) {
        Context request = Optional.ofNullable(current.getCurrent()).map(context -> context.<Span>get(SPAN)).map(Context.root()::with).orElse(Context.root());
        SpanBuilder span = tracer.spanBuilder(operation + " " + model).setParent(request).setSpanKind(SpanKind.INTERNAL)
                .setAttribute("gen_ai.operation.name", operation).setAttribute("gen_ai.provider.name", "lorikeet").setAttribute("gen_ai.request.model", model);
        number(span, "gen_ai.request.temperature", sampling.temperature());
        number(span, "gen_ai.request.top_p", sampling.topP());
        sampling.topK().ifPresent(value -> span.setAttribute("gen_ai.request.top_k", (double) value));
        sampling.seed().ifPresent(value -> span.setAttribute("gen_ai.request.seed", value));
        stop.maxTokens().ifPresent(value -> span.setAttribute("gen_ai.request.max_tokens", value));
        if (choices > 1) {
            span.setAttribute("gen_ai.request.choice.count", choices);
        }
        return new GenerationSpan(tracer, span.startSpan());
    }

    private static void number(SpanBuilder span, String name, OptionalDouble value) {
        value.ifPresent(number -> span.setAttribute(name, number));
    }
}
