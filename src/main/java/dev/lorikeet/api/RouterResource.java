package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.catalog.LoadOptions;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.config.LorikeetConfig;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `/models`: base models come and go, as in llama.cpp's router.
@Path("/models")
@Tag(name = "Models")
public final class RouterResource {
    private static final String HUB_EXAMPLE = "{\"model\": \"google/gemma-2-2b-it\"}";
    private static final String EXAMPLE = "{\"model\": \"demo\"}";

    private final ModelCatalog catalog;
    private final LorikeetConfig config;

    RouterResource(ModelCatalog catalog, LorikeetConfig config) {
        this.catalog = catalog;
        this.config = config;
    }

    /// @param bytesFreed of an unload
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Done(boolean success, @JsonProperty("bytes_freed") Long bytesFreed) {}

    @GET
    @Operation(summary = "Lists every known model with its state")
    @APIResponse(responseCode = "200", content = @Content(mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = ModelStatus.Models.class)))
    public Response list() {
        return json(ModelStatus.of(catalog.entries(), catalog.stats()));
    }

    @AdminOnly
    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Starts to download a model, without loading it", description = "`model` is `owner/name` or `owner/name@revision` on the "
            + "Hugging Face Hub. The download goes on in the background: watch `/models/sse`; `/models/unload` cancels it.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = "model", examples = HUB_EXAMPLE)))
    @APIResponse(responseCode = "200", content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Done.class)))
    public Response download(Fields fields) {
        return change(fields, model -> {
            catalog.fetch(model);
            return new Done(true, null);
        });
    }

    @AdminOnly
    @POST
    @Path("load")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Starts to load a model", description = "`model` is a known id, a folder under a model root, or `owner/name` on the "
            + "Hugging Face Hub, which is downloaded first. With `quantization` (nf4, fp4, int8, llm-int8, int4), or bitsandbytes' names, the model's matrices "
            + "take fewer bits, and its id is `demo:nf4`. It goes on in the background: watch `/models/sse`.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = "model", examples = EXAMPLE)))
    @APIResponse(responseCode = "200", content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Done.class)))
    public Response load(Fields fields) {
        var options = options(fields);
        return change(fields, model -> {
            catalog.load(model, options);
            return new Done(true, null);
        });
    }

    /// `quantization`, or the names of bitsandbytes.
    private static LoadOptions options(Fields fields) {
        LoadOptions.NAMES.forEach(fields::has);
        try {
            return LoadOptions.read((ObjectNode) fields.node());
        } catch (LoadOptions.WrongOption e) {
            throw ApiException.invalid(fields.path(e.field()), "invalid_value", e.getMessage());
        }
    }

    @AdminOnly
    @POST
    @Path("unload")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Unloads a model", description = "Running requests finish first. Answers when the memory is free.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = "model", examples = EXAMPLE)))
    @APIResponse(responseCode = "200", content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Done.class)))
    public Response unload(Fields fields) {
        return change(fields, model -> new Done(true, unload(model)));
    }

    @GET
    @Path("sse")
    @RunOnVirtualThread
    @Operation(summary = "Streams changes of models")
    @APIResponse(responseCode = "200", content = @Content(mediaType = MediaType.SERVER_SENT_EVENTS,
            schema = @Schema(implementation = ModelStatus.Event.class)))
    public Response events(@Context RoutingContext context) {
        return Response.ok(new StreamedModels(catalog, config, context), SseWriter.MEDIA_TYPE).build();
    }

    /// As in llama.cpp, a model that nobody knows is not running either.
    private long unload(String model) {
        try {
            return catalog.unload(model);
        } catch (CatalogException.NotFound _) {
            throw new CatalogException.NotLoaded(model);
        }
    }

    private Response change(Fields fields, Function<String, Done> change) {
        String model = fields.requireText("model");
        FieldPolicy.finish(fields);
        try {
            return json(change.apply(model));
        } catch (CatalogException e) {
            return refusal(e);
        }
    }

    /// llama.cpp's error: `code` is the HTTP status.
    private static Response refusal(CatalogException e) {
        ApiError error = ExceptionMappers.error(e);
        String type = switch (e) {
            case CatalogException.NotFound _ -> "not_found_error";
            case CatalogException.Busy _, CatalogException.Unreachable _ -> "unavailable_error";
            case CatalogException.NotLoaded _, CatalogException.AlreadyRunning _, CatalogException.Refused _ -> "invalid_request_error";
        };
        String message = e instanceof CatalogException.NotFound ? "model is not found: " + error.message() : error.message();
        var content = new ErrorBody.Content(message, type, error.param().orElse(null), error.status());
        Response.ResponseBuilder response = Response.status(error.status()).type(MediaType.APPLICATION_JSON_TYPE).entity(new ErrorBody(content));
        error.retryAfter().ifPresent(wait -> response.header("Retry-After", wait.toSeconds()));
        return response.build();
    }

    private static Response json(Object entity) {
        return Response.ok(entity, MediaType.APPLICATION_JSON_TYPE).build();
    }
}
