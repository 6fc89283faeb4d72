package dev.lorikeet.api;

import dev.lorikeet.config.LorikeetConfig;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// `--management-port`: metrics and probes on a port of their own, which a network may keep apart from that of the clients. Quarkus' own
/// management interface would do the same, but whether it is there is decided when the server is built.
@ApplicationScoped
public class ManagementServer {
    private static final Pattern ROUTES = Pattern.compile("/health|/ping|/metrics|/q/health(/(live|ready|started))?");
    private static final int SECONDS_TO_LISTEN = 10;

    private final LorikeetConfig config;
    private final Vertx vertx;
    private volatile Optional<Router> router = Optional.empty();

    ManagementServer(LorikeetConfig config, Vertx vertx) {
        this.config = config;
        this.vertx = vertx;
    }

    void take(@Observes Router main) {
        router = Optional.of(main);
    }

    void start(@Observes StartupEvent event) throws InterruptedException {
        if (config.managementPort().isEmpty()) {
            return;
        }
        int port = config.managementPort().getAsInt();
        if (port == config.port()) {
            throw new ConfigurationException("lorikeet: management-port and port are both " + port + "; give metrics and probes a port of their own");
        }
        var listening = vertx.createHttpServer(new HttpServerOptions().setHost(config.host()).setPort(port)).requestHandler(this::handle).listen()
                .toCompletionStage().toCompletableFuture();
        try {
            listening.get(SECONDS_TO_LISTEN, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new ConfigurationException("lorikeet: management-port " + port + " cannot be listened on: " + e.getMessage());
        }
    }

    private void handle(HttpServerRequest request) {
        if (!ROUTES.matcher(request.path()).matches()) {
            EdgeFilter.write(request.response(), ExceptionMappers.unknownUrl(request));
            return;
        }
        VertxContextSafetyToggle.setCurrentContextSafe(true);
        router.orElseThrow().handle(request);
    }

    /// Whether a request came in by the port of metrics and probes.
    boolean received(HttpServerRequest request) {
        return config.managementPort().isPresent() && request.localAddress().port() == config.managementPort().getAsInt();
    }

    /// Whether metrics have a port of their own.
    boolean isApart() {
        return config.managementPort().isPresent();
    }
}
