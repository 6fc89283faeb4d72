package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.registry.AdapterException;
import dev.lorikeet.registry.AdapterRegistry;
import dev.lorikeet.registry.AdapterStatus;
import dev.lorikeet.registry.SharedAdapters;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// Adapters come and go: vLLM's two routes, with its answers and errors, and two of our own.
@Path("/v1")
@Tag(name = "Adapters")
public final class AdapterResource {
    private static final String NAME = "lora_name";

    private final AdapterRegistry registry;
    private final SharedAdapters shared;

    AdapterResource(AdapterRegistry registry, SharedAdapters shared) {
        this.shared = shared;
        this.registry = registry;
    }

    /// Every version of every adapter. @param object always `list`
    public record Adapters(String object, List<Adapter> data) {}

    /// @param model what a request says to get exactly this version @param current whether the name alone means it
    /// @param state `loading`, `device`, `host`, `disk` or `unloading` @param additive whether it may be scaled and mixed
    /// @param lastUse in seconds since 1970, null before the first
    public record Adapter(String name, int version, String model, boolean current, String state, String base, String path, boolean pinned, int rank,
                          boolean additive, @JsonProperty("device_bytes") long deviceBytes, @JsonProperty("host_bytes") long hostBytes,
                          @JsonProperty("in_flight") int inFlight, long created, @JsonProperty("last_use") Long lastUse, String sha256,
                          List<String> warnings, String error) {
        static Adapter of(AdapterStatus s) {
            return new Adapter(s.name(), s.version(), s.versionedName(), s.current(), s.state().name().toLowerCase(Locale.ROOT), s.base(),
                    s.folder().toString(), s.pinned(), s.rank(), s.additive(), s.deviceBytes(), s.hostBytes(), s.inFlight(), s.created().getEpochSecond(),
                    s.lastUse().map(Instant::getEpochSecond).orElse(null), s.sha256(), s.warnings(), s.error().orElse(null));
        }
    }

    @POST
    @Path("load_lora_adapter")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Loads an adapter", description = "`lora_path` is a folder under an adapter root, or `owner/name[@revision]` on the Hugging Face Hub. With `load_inplace` the name may exist and "
            + "gets its next version; `pinned` adapters are never evicted; `base_model_name` chooses the base where there are several.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = {NAME, "lora_path"}, examples = "{\"lora_name\": \"law\", \"lora_path\": \"law\", \"load_inplace\": false}")))
    @APIResponse(responseCode = "200", content = @Content(mediaType = MediaType.TEXT_PLAIN))
    public Response load(Fields fields) {
        return answered(() -> {
            var request = new AdapterRegistry.LoadRequest(fields.requireText(NAME), fields.requireText("lora_path"), fields.flag("load_inplace", false),
                    fields.flag("pinned", false), fields.text("base_model_name"));
            FieldPolicy.finish(fields);
            shared.load(request);
            return "Success: LoRA adapter '" + request.name() + "' added successfully.";
        });
    }

    @POST
    @Path("unload_lora_adapter")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Unloads an adapter", description = "All its versions, or the one that `name@version` says. Running requests finish first. "
            + "The answer ends with the bytes freed.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = NAME, examples = "{\"lora_name\": \"law\"}")))
    @APIResponse(responseCode = "200", content = @Content(mediaType = MediaType.TEXT_PLAIN))
    public Response unload(Fields fields) {
        return answered(() -> {
            String name = fields.requireText(NAME);
            FieldPolicy.finish(fields);
            try {
                var freed = shared.unload(name);
                return "Success: LoRA adapter '" + name + "' removed successfully. Bytes freed: " + freed.deviceBytes() + " on the device, "
                        + freed.hostBytes() + " on the host.";
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while unloading " + name, e);
            }
        });
    }

    @GET
    @Path("adapters")
    @RunOnVirtualThread
    @Operation(summary = "Lists every version of every adapter with its state")
    @APIResponse(responseCode = "200", content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Adapters.class)))
    public Response list() {
        return Response.ok(new Adapters("list", registry.list().stream().map(Adapter::of).toList()), MediaType.APPLICATION_JSON_TYPE).build();
    }

    @POST
    @Path("adapters/rollback")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Lets a name mean another of its versions, at once", description = "`version` is a number; without it, the version before the "
            + "current one.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = NAME, examples = "{\"lora_name\": \"law\", \"version\": 1}")))
    @APIResponse(responseCode = "200", content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Adapter.class)))
    public Response rollback(Fields fields) {
        return answered(() -> {
            String name = fields.requireText(NAME);
            var version = fields.integer("version", 1, Integer.MAX_VALUE);
            FieldPolicy.finish(fields);
            return Adapter.of(shared.rollback(name, version));
        });
    }

    /// A text is answered as plain text, as vLLM does, anything else as JSON.
    private static Response answered(Supplier<Object> action) {
        try {
            Object answer = action.get();
            return Response.ok(answer, answer instanceof String ? MediaType.TEXT_PLAIN_TYPE.withCharset("utf-8") : MediaType.APPLICATION_JSON_TYPE).build();
        } catch (AdapterException e) {
            return switch (e) {
                case AdapterException.NotFound _ -> refusal(404, "NotFoundError", e.getMessage(), Optional.empty());
                case AdapterException.Invalid _ -> refusal(400, "InvalidUserInput", e.getMessage(), Optional.empty());
                case AdapterException.Refused _ -> refusal(400, "BadRequestError", e.getMessage(), Optional.empty());
                case AdapterException.Full _ -> refusal(503, "ServiceUnavailableError", e.getMessage(), Optional.empty());
            };
        } catch (CatalogException e) {
            int status = ExceptionMappers.error(e).status();
            return refusal(status, status == 404 ? "NotFoundError" : status == 503 ? "ServiceUnavailableError" : "BadRequestError", e.getMessage(), Optional.empty());
        } catch (ApiException e) {
            return refusal(e.error().status(), "InvalidUserInput", e.error().message(), e.error().param());
        }
    }

    /// vLLM's error: `code` is the HTTP status.
    private static Response refusal(int status, String type, String message, Optional<String> param) {
        var response = Response.status(status).type(MediaType.APPLICATION_JSON_TYPE)
                .entity(new ErrorBody(new ErrorBody.Content(message, type, param.orElse(null), status)));
        return status == 503 ? response.header(HttpHeaders.RETRY_AFTER, 2).build() : response.build();
    }
}
