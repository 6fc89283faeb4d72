package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelState;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `GET /v1/models`: the models that can be named in a request now.
@Path("/v1/models")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "OpenAI")
public final class ModelsResource {
    private final ModelCatalog catalog;

    ModelsResource(ModelCatalog catalog) {
        this.catalog = catalog;
    }

    /// The list. @param object always `list`
    public record Models(String object, List<Model> data) {}

    /// A model. @param parent the base model of an adapter, null for a base model
    public record Model(String id, String object, long created, @JsonProperty("owned_by") String ownedBy, String root, String parent,
                        @JsonProperty("max_model_len") int maxModelLen) {}

    @GET
    @Operation(summary = "Lists the models that answer now")
    public Models list() {
        return new Models("list", catalog.entries().stream().flatMap(entry -> model(entry).stream()).toList());
    }

    @GET
    @Path("{id: .+}")
    @Operation(summary = "Describes a model")
    public Model get(@PathParam("id") String id) {
        return catalog.entries().stream().filter(entry -> entry.id().equals(id)).findFirst().flatMap(ModelsResource::model)
                .orElseThrow(() -> new CatalogException.NotFound(id));
    }

    private static Optional<Model> model(ModelEntry entry) {
        return entry.state() instanceof ModelState.Loaded(var _, ModelState.ModelInfo info)
                ? Optional.of(new Model(entry.id(), "model", entry.created().getEpochSecond(), "lorikeet", entry.folder().toString(), null,
                        info.maxContext()))
                : Optional.empty();
    }
}
