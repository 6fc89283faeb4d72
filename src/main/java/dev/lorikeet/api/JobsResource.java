package dev.lorikeet.api;

import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.job.FineTuningJob;
import dev.lorikeet.job.JobCheckpoint;
import dev.lorikeet.job.JobEvents;
import dev.lorikeet.job.JobRequest;
import dev.lorikeet.job.Jobs;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `/v1/fine_tuning/jobs`: training is asked for, watched and steered here.
@Path("/v1/fine_tuning/jobs")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Fine-tuning")
public final class JobsResource {
    private static final int MAX_PAGE = 1000;
    private static final Pattern METADATA = Pattern.compile("metadata\\[(.+)]");
    private static final String EXAMPLE = """
            {"model": "demo", "training_file": "file-…", "suffix": "polite", "lorikeet": {"r": 8, "num_train_epochs": 1}}""";

    private final Jobs jobs;
    private final LorikeetConfig config;
    private final JobAccess access;

    JobsResource(Jobs jobs, LorikeetConfig config, JobAccess access) {
        this.access = access;
        this.jobs = jobs;
        this.config = config;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Starts a job", description = "OpenAI's request. The object `lorikeet` holds options under the names of PEFT and TRL; "
            + "`dry_run` only looks at the rows.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = {"model", "training_file"}, examples = EXAMPLE)))
    @APIResponse(responseCode = "200", content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = JobObject.class)))
    public Response create(Fields fields) {
        var wanted = JobFields.read(fields, access.owner());
        JobRequest request = wanted.request();
        access.check(request);
        return Response.ok(wanted.dryRun() ? jobs.dryRun(request) : JobObject.of(jobs.create(request)), MediaType.APPLICATION_JSON_TYPE).build();
    }

    @GET
    @RunOnVirtualThread
    @Operation(summary = "Lists jobs, the newest first", description = "`metadata[key]=value` selects; `metadata=null` selects jobs without any.")
    public JobObject.Page list(@QueryParam("after") String after, @QueryParam("limit") String limit, @Context HttpServerRequest request) {
        List<FineTuningJob> all = jobs.list().stream().filter(access::sees).filter(job -> matches(job, request)).toList();
        var page = Paging.of(all, FineTuningJob::id, after, Paging.limit(limit, 20, MAX_PAGE));
        return new JobObject.Page("list", page.data().stream().map(JobObject::of).toList(), null, null, page.hasMore());
    }

    private static boolean matches(FineTuningJob job, HttpServerRequest request) {
        Map<String, String> metadata = job.spec().metadata();
        return request.params().entries().stream().allMatch(query -> {
            if (query.getKey().equals("metadata") && query.getValue().equals("null")) {
                return metadata.isEmpty();
            }
            var key = METADATA.matcher(query.getKey());
            return !key.matches() || query.getValue().equals(metadata.get(key.group(1)));
        });
    }

    @GET
    @Path("{id}")
    @RunOnVirtualThread
    @Operation(summary = "Describes a job")
    public JobObject get(@PathParam("id") String id) {
        return JobObject.of(access.job(id));
    }

    @POST
    @Path("{id}/cancel")
    @RunOnVirtualThread
    @Operation(summary = "Ends a job; its checkpoints stay")
    public JobObject cancel(@PathParam("id") String id) {
        return JobObject.of(jobs.cancel(access.job(id).id()));
    }

    @POST
    @Path("{id}/pause")
    @RunOnVirtualThread
    @Operation(summary = "Stops a job after a checkpoint")
    public JobObject pause(@PathParam("id") String id) {
        return JobObject.of(jobs.pause(access.job(id).id()));
    }

    @POST
    @Path("{id}/resume")
    @RunOnVirtualThread
    @Operation(summary = "Queues a paused job again")
    public JobObject resume(@PathParam("id") String id) {
        return JobObject.of(jobs.resume(access.job(id).id()));
    }

    @GET
    @Path("{id}/events")
    @Produces(MediaType.WILDCARD)
    @RunOnVirtualThread
    @Operation(summary = "Lists events, the newest first", description = "With `stream=true` all events as server-sent events, the oldest first, "
            + "until the job ends.")
    @APIResponse(responseCode = "200", content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = JobObject.Page.class)))
    public Response events(@PathParam("id") String id, @QueryParam("after") String after, @QueryParam("limit") String limit,
                           @QueryParam("stream") String stream, @Context RoutingContext context) {
        JobEvents events = jobs.events(access.job(id).id());
        int place = after == null ? -1 : events.find(after).orElseThrow(() -> Paging.unknown(after));
        if (stream != null && !stream.equals("true") && !stream.equals("false")) {
            throw ApiException.invalid("stream", "Invalid 'stream': '" + stream + "'; expected 'true' or 'false'.");
        }
        if ("true".equals(stream)) {
            return Response.ok(new StreamedJobEvents(events, place + 1, config, context), SseWriter.MEDIA_TYPE).build();
        }
        int to = after == null ? events.size() : place;
        int from = Math.max(0, to - Paging.limit(limit, 20, MAX_PAGE));
        List<JobObject.Event> data = events.read(from, to).reversed().stream().map(JobObject.Event::of).toList();
        return Response.ok(new JobObject.Page("list", data, null, null, from > 0), MediaType.APPLICATION_JSON_TYPE).build();
    }

    @GET
    @Path("{id}/checkpoints")
    @RunOnVirtualThread
    @Operation(summary = "Lists checkpoints, the newest first")
    public JobObject.Page checkpoints(@PathParam("id") String id, @QueryParam("after") String after, @QueryParam("limit") String limit) {
        List<JobCheckpoint> all = access.job(id).checkpoints().stream().sorted(Comparator.comparingInt(JobCheckpoint::step).reversed()).toList();
        var page = Paging.of(all, JobCheckpoint::id, after, Paging.limit(limit, 10, MAX_PAGE));
        List<JobObject.Checkpoint> data = page.data().stream().map(checkpoint -> JobObject.Checkpoint.of(id, checkpoint)).toList();
        return new JobObject.Page("list", data, data.isEmpty() ? null : data.getFirst().id(), data.isEmpty() ? null : data.getLast().id(), page.hasMore());
    }
}
