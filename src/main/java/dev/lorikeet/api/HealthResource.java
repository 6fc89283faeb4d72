package dev.lorikeet.api;

import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelState;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `/health`, `/ping` and `/version`, as clients of vLLM and llama.cpp ask.
@Path("/")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Health")
public final class HealthResource {
    private final ModelCatalog catalog;
    private final OpenRequests requests;
    private final String version;

    HealthResource(ModelCatalog catalog, OpenRequests requests, @ConfigProperty(name = "quarkus.application.version") String version) {
        this.catalog = catalog;
        this.requests = requests;
        this.version = version;
    }

    public record Health(String status) {}

    public record Version(String version) {}

    @GET
    @Path("health")
    @Operation(summary = "200 when the default model answers, else 503")
    public Health health() {
        if (requests.isClosing()) {
            throw new ApiException(new ApiError.Unavailable("The server is shutting down"));
        }
        catalog.entries().stream().findFirst().map(entry -> trouble(entry.state())).orElse(Optional.of("There is no model")).ifPresent(message -> {
            throw new ApiException(new ApiError.Unavailable(message));
        });
        return new Health("ok");
    }

    private static Optional<String> trouble(ModelState state) {
        return switch (state) {
            case ModelState.Loaded _ -> Optional.empty();
            case ModelState.Downloading _ -> Optional.of("Downloading model");
            case ModelState.Loading _ -> Optional.of("Loading model");
            case ModelState.Unloading _ -> Optional.of("The default model is being unloaded");
            case ModelState.Unloaded _ -> Optional.of("The default model is unloaded");
            case ModelState.Failed(String reason) -> Optional.of("The default model could not be loaded: " + reason);
        };
    }

    @GET
    @Path("ping")
    @Operation(summary = "As /health")
    public Health ping() {
        return health();
    }

    @GET
    @Path("version")
    @Operation(summary = "The server's version")
    public Version version() {
        return new Version(version);
    }
}
