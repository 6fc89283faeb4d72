package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.registry.AdapterRegistry;
import dev.lorikeet.registry.AdapterStatus;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `GET /v1/models`: the models that can be named in a request now.
@Path("/v1/models")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "OpenAI")
public final class ModelsResource {
    private final ModelCatalog catalog;
    private final AdapterRegistry registry;
    private final Callers callers;

    ModelsResource(ModelCatalog catalog, AdapterRegistry registry, Callers callers) {
        this.callers = callers;
        this.catalog = catalog;
        this.registry = registry;
    }

    /// The list. @param object always `list`
    public record Models(String object, List<Model> data) {}

    /// A model. @param parent the base model of an adapter, null for a base model @param quantization of its matrices, if they are in fewer bits
    public record Model(String id, String object, long created, @JsonProperty("owned_by") String ownedBy, String root, String parent,
                        @JsonProperty("max_model_len") int maxModelLen, @JsonInclude(JsonInclude.Include.NON_NULL) String quantization) {}

    @GET
    @Operation(summary = "Lists the models that answer now")
    public Models list() {
        var bases = catalog.entries().stream().flatMap(entry -> model(entry).stream()).toList();
        var adapters = registry.list().stream().filter(adapter -> adapter.current() && callers.mayUse(adapter)).flatMap(adapter -> model(adapter, adapter.name(), bases).stream());
        return new Models("list", Stream.concat(bases.stream(), adapters).toList());
    }

    @GET
    @Path("{id: .+}")
    @Operation(summary = "Describes a model")
    public Model get(@PathParam("id") String id) {
        var bases = catalog.entries().stream().flatMap(entry -> model(entry).stream()).toList();
        return bases.stream().filter(model -> model.id().equals(id)).findFirst().or(() -> registry.find(id).filter(callers::mayUse).flatMap(adapter -> model(adapter, id, bases)))
                .orElseThrow(() -> new CatalogException.NotFound(id));
    }

    /// An adapter answers while its base does.
    private static Optional<Model> model(AdapterStatus adapter, String id, List<Model> bases) {
        return bases.stream().filter(base -> base.id().equals(adapter.base())).findFirst().map(base -> new Model(id, "model",
                adapter.created().getEpochSecond(), "lorikeet", adapter.folder().toString(), base.id(), base.maxModelLen(), base.quantization()));
    }

    private static Optional<Model> model(ModelEntry entry) {
        return entry.state() instanceof ModelState.Loaded(var _, ModelState.ModelInfo info)
                ? Optional.of(new Model(entry.id(), "model", entry.created().getEpochSecond(), "lorikeet", entry.folder().toString(), null,
                        info.maxContext(), info.quantization().orElse(null)))
                : Optional.empty();
    }
}
