package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.registry.AdapterRegistry;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `GET /v1/memory`: where the memory goes.
@Path("/v1/memory")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Models")
public final class MemoryResource {
    private final ModelCatalog catalog;
    private final AdapterRegistry registry;

    MemoryResource(ModelCatalog catalog, AdapterRegistry registry) {
        this.catalog = catalog;
        this.registry = registry;
    }

    /// @param object always `memory` @param device `cpu` or `cuda:N` @param availableBytes that can still be taken on it
    /// @param processBytes what the server's process holds of the machine's memory @param models those that are loaded
    public record Memory(String object, String device, @JsonProperty("total_bytes") long totalBytes, @JsonProperty("available_bytes") long availableBytes,
                         @JsonProperty("process_bytes") long processBytes, List<Model> models, Adapters adapters) {}

    /// @param cacheBytes of the KV cache when all of it is filled
    public record Model(String id, @JsonProperty("weight_bytes") long weightBytes, @JsonProperty("cache_bytes") long cacheBytes) {}

    /// @param budgetBytes that adapters may take on the device
    public record Adapters(@JsonProperty("device_bytes") long deviceBytes, @JsonProperty("host_bytes") long hostBytes,
                           @JsonProperty("budget_bytes") long budgetBytes) {}

    @GET
    @RunOnVirtualThread
    @Operation(summary = "Says how much memory there is, and what models and adapters take of it")
    public Memory memory() {
        var device = catalog.memory();
        var stats = registry.stats();
        return new Memory("memory", device.device(), device.totalBytes(), device.availableBytes(), device.processBytes(),
                catalog.entries().stream().flatMap(MemoryResource::model).toList(),
                new Adapters(stats.deviceBytes(), stats.hostBytes(), stats.deviceBudget()));
    }

    private static Stream<Model> model(ModelEntry entry) {
        return entry.state() instanceof ModelState.Loaded(var _, ModelState.ModelInfo info)
                ? Stream.of(new Model(entry.id(), info.weightBytes(), info.cacheBytes())) : Stream.empty();
    }
}
