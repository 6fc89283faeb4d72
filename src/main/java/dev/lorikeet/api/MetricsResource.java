package dev.lorikeet.api;

import dev.lorikeet.metrics.Gauges;
import io.micrometer.prometheus.PrometheusMeterRegistry;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `/metrics`: everything that Prometheus may scrape, in its text format.
@Path("/metrics")
@Tag(name = "Health")
public final class MetricsResource {
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry meters;
    private final Gauges gauges;

    MetricsResource(PrometheusMeterRegistry meters, Gauges gauges) {
        this.meters = meters;
        this.gauges = gauges;
    }

    @GET
    @RunOnVirtualThread
    @Operation(summary = "Metrics in Prometheus' text format, under vLLM's names")
    public Response scrape() {
        return Response.ok(meters.scrape() + gauges.text(), TEXT).build();
    }
}
