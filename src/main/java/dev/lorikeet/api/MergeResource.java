package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelState;
import dev.lorikeet.catalog.QuantizedId;
import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.merge.MergeException;
import dev.lorikeet.merge.MergeJob;
import dev.lorikeet.merge.MergeJobs;
import dev.lorikeet.merge.MergeReport;
import dev.lorikeet.merge.MergeRequest;
import dev.lorikeet.registry.AdapterException;
import dev.lorikeet.registry.AdapterRegistry;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `/v1/adapters/merge`: puts an adapter into its base, in the background, as a new model under `<data>/models`.
@AdminOnly
@Path("/v1/adapters/merge")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Adapters")
public final class MergeResource {
    private static final String OUT = "out";
    private static final String ADAPTER = "adapter";
    private static final Pattern FOLDER = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N}._-]{0,99}");

    private final MergeJobs jobs;
    private final ModelCatalog catalog;
    private final AdapterRegistry registry;
    private final LorikeetConfig config;

    MergeResource(MergeJobs jobs, ModelCatalog catalog, AdapterRegistry registry, LorikeetConfig config) {
        this.jobs = jobs;
        this.catalog = catalog;
        this.registry = registry;
        this.config = config;
    }

    /// @param object always `list`
    public record Merges(String object, List<Merge> data) {}

    /// A merge. @param status `queued`, `running`, `succeeded`, `failed` or `cancelled` @param stage `writing` or `verifying` while it runs
    /// @param progress 0…1 of the stage @param model id under which the result can be loaded
    public record Merge(String id, String object, String status, long created, String base, String adapter, String model, String path, String stage,
                        Double progress, Result result, String error) {}

    /// What was made. @param difference of the logits from those of base and adapter apart, relative to their spread
    /// @param tolerance that it may reach @param effect what the adapter itself makes
    /// @param quantization of the base that the adapter was trained on @param quantizedDifference from the logits of that base with the adapter
    public record Result(int tensors, @JsonProperty("changed_tensors") int changed, long bytes, int files, double difference, double tolerance, double effect,
                         String quantization, @JsonProperty("quantized_difference") Double quantizedDifference) {
        static Result of(MergeReport report) {
            var logits = report.verification();
            return new Result(report.tensors(), report.changed(), report.bytes(), report.shards(), logits.difference(), logits.tolerance(), logits.effect(),
                    report.quantized().map(MergeReport.Quantized::scheme).orElse(null), report.quantized().map(MergeReport.Quantized::difference).orElse(null));
        }
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Puts an adapter into its base's weights", description = "`adapter` is a loaded adapter, or `lora_path` a folder under an adapter "
            + "root; `model` is the base, by default the adapter's own; `out` names the new model under the data folder's `models`. Answers at once: ask "
            + "`GET /v1/adapters/merge/{id}` how far it is. The result is checked against base and adapter before it gets its name, and can then be loaded "
            + "with `/models/load`.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = OUT, examples = "{\"adapter\": \"law\", \"out\": \"demo-law\"}")))
    @APIResponse(responseCode = "202", content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Merge.class)))
    public Response start(Fields fields) {
        var adapter = fields.text(ADAPTER);
        var path = fields.text("lora_path");
        var model = fields.text("model");
        String out = fields.requireText(OUT);
        var shard = fields.longInteger("shard_size");
        FieldPolicy.finish(fields);
        if (adapter.isPresent() == path.isPresent()) {
            throw ApiException.invalid(ADAPTER, "Give either 'adapter', the name of a loaded adapter, or 'lora_path', a folder under an adapter root.");
        }
        if (shard.isPresent() && shard.getAsLong() < 1) {
            throw ApiException.invalid("shard_size", "Invalid 'shard_size': " + shard.getAsLong() + " is out of range; expected at least 1 byte.");
        }
        try {
            var loaded = adapter.map(name -> registry.find(name).orElseThrow(() -> new AdapterException.NotFound("no adapter `" + name + "` is loaded")));
            var folder = loaded.map(status -> status.folder()).orElseGet(() -> registry.folder(path.orElseThrow()));
            var base = base(model.or(() -> loaded.map(status -> status.base())));
            var job = jobs.start(new MergeRequest(base.folder(), folder, place(out), shard.orElse(MergeRequest.DEFAULT_SHARD_BYTES)));
            return Response.accepted(merge(job)).header("Location", "/v1/adapters/merge/" + job.id()).build();
        } catch (MergeException e) {
            throw ApiException.invalid(OUT, e.getMessage());
        }
    }

    private ModelEntry base(Optional<String> id) {
        var entries = catalog.entries();
        var base = id.map(name -> entries.stream().filter(entry -> entry.id().equals(name)).findFirst()
                .orElseThrow(() -> ApiException.invalid("model", "'model': there is no base model `" + name + "`."))).orElseGet(entries::getFirst);
        requireFullPrecision(base);
        return base;
    }

    private static void requireFullPrecision(ModelEntry base) {
        var scheme = base.state() instanceof ModelState.Loaded loaded ? loaded.info().quantization() : QuantizedId.parse(base.id()).map(QuantizedId::schemeName);
        if (scheme.isPresent()) {
            throw ApiException.invalid("model", "'model': `" + base.id() + "` is quantised (" + scheme.get() + "), and an adapter cannot be put into codes. Send "
                    + "'model' with the name of its base in full precision" + QuantizedId.parse(base.id()).map(id -> ", `" + id.base() + "`").orElse("") + ".");
        }
    }

    /// A name only, so that no request decides where on the disk something is written.
    private java.nio.file.Path place(String name) {
        if (!FOLDER.matcher(name).matches()) {
            throw ApiException.invalid(OUT, "'out' must be the name of a new folder: 1 to 100 letters, digits and . _ -, beginning with a letter or digit.");
        }
        if (catalog.entries().stream().anyMatch(entry -> entry.id().equals(name)) || registry.find(name).isPresent()) {
            throw ApiException.invalid(OUT, "'out': there is a model or an adapter `" + name + "` already.");
        }
        return java.nio.file.Path.of(config.data(), "models", name).toAbsolutePath().normalize();
    }

    @GET
    @RunOnVirtualThread
    @Operation(summary = "Lists the latest merges")
    public Merges list() {
        return new Merges("list", jobs.list().stream().map(MergeResource::merge).toList());
    }

    @GET
    @Path("{id}")
    @RunOnVirtualThread
    @Operation(summary = "Says how far a merge is")
    public Merge get(@PathParam("id") String id) {
        return merge(jobs.find(id).orElseThrow(() -> unknown(id)));
    }

    @DELETE
    @Path("{id}")
    @RunOnVirtualThread
    @Operation(summary = "Cancels a merge", description = "Nothing of it is left. One that has ended stays as it is.")
    public Merge cancel(@PathParam("id") String id) {
        return merge(jobs.cancel(id).orElseThrow(() -> unknown(id)));
    }

    private static ApiException unknown(String id) {
        return new ApiException(new ApiError.Missing("There is no merge `" + id + "`.", Optional.of("id"), Optional.empty()));
    }

    private static Merge merge(MergeJob job) {
        return switch (job.state()) {
            case MergeJob.State.Queued _ -> merge(job, "queued", null, null, null, null);
            case MergeJob.State.Running running -> merge(job, "running", running.stage().name().toLowerCase(Locale.ROOT), running.fraction(), null, null);
            case MergeJob.State.Succeeded done -> merge(job, "succeeded", null, 1.0, Result.of(done.report()), null);
            case MergeJob.State.Failed failed -> merge(job, "failed", null, null, null, failed.reason());
            case MergeJob.State.Cancelled _ -> merge(job, "cancelled", null, null, null, null);
        };
    }

    private static Merge merge(MergeJob job, String status, String stage, Double progress, Result result, String error) {
        var request = job.request();
        return new Merge(job.id(), "adapter.merge", status, job.created().getEpochSecond(), request.model().toString(), request.adapter().toString(),
                request.out().getFileName().toString(), request.out().toString(), stage, progress, result, error);
    }
}
