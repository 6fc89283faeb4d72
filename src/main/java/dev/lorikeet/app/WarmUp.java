package dev.lorikeet.app;

import dev.lorikeet.catalog.ModelCatalog;
import io.quarkus.runtime.QuarkusApplication;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// `lorikeet warm-up`: starts the server, lets it answer one chat, and ends. After a build this unpacks libtorch, and it is the run
/// from which the JDK learns what to keep in its cache for quick starts.
public class WarmUp implements QuarkusApplication {
    private final Lifecycle lifecycle;
    private final ModelCatalog catalog;
    private final int port;

    WarmUp(Lifecycle lifecycle, ModelCatalog catalog, @ConfigProperty(name = "quarkus.http.port") int port) {
        this.lifecycle = lifecycle;
        this.catalog = catalog;
        this.port = port;
    }

    @Override
    public int run(String... arguments) throws Exception {
        if (!lifecycle.awaitServing()) {
            return ExitStatus.FAILED; // The log has said why.
        }
        try (var client = HttpClient.newHttpClient()) {
            var body = HttpRequest.BodyPublishers.ofString("""
                    {"model": "%s", "messages": [{"role": "user", "content": "안녕"}], "stream": true, "max_tokens": 8}
                    """.formatted(catalog.entries().getFirst().id()));
            var request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/v1/chat/completions"))
                    .header("Content-Type", "application/json").POST(body).build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200 ? 0 : 1;
        }
    }
}
