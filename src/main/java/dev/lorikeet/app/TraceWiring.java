package dev.lorikeet.app;

import dev.lorikeet.config.LorikeetConfig;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// Where traces go: to the collector of `--otlp-endpoint`, else nowhere. A collector that does not answer costs spans, never requests.
@ApplicationScoped
class TraceWiring {
    private static final Duration DELAY = Duration.ofSeconds(1);

    @Produces
    @Singleton
    OpenTelemetry openTelemetry(LorikeetConfig config, @ConfigProperty(name = "quarkus.application.version") String version) {
        return config.otlpEndpoint().<OpenTelemetry>map(endpoint -> sdk(endpoint, version)).orElseGet(OpenTelemetry::noop);
    }

    private static OpenTelemetrySdk sdk(String endpoint, String version) {
        try {
            var exporter = OtlpHttpSpanExporter.builder().setEndpoint(endpoint.replaceAll("/+$", "") + "/v1/traces").build();
            var resource = Resource.getDefault().merge(Resource.create(Attributes.builder().put("service.name", "lorikeet").put("service.version", version)
                    .put("service.instance.id", UUID.randomUUID().toString()).build()));
            return OpenTelemetrySdk.builder().setTracerProvider(SdkTracerProvider.builder().setResource(resource)
                    .addSpanProcessor(BatchSpanProcessor.builder(exporter).setScheduleDelay(DELAY).build()).build()).build();
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("lorikeet: otlp-endpoint is `" + endpoint + "`; it must be an address such as http://localhost:4318 (" + e.getMessage() + ")");
        }
    }

    /// Sends what is left.
    void close(@Disposes OpenTelemetry telemetry) {
        if (telemetry instanceof OpenTelemetrySdk sdk) {
            sdk.close();
        }
    }
}
