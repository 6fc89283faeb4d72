package dev.lorikeet.api;

import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.store.FileStore;
import dev.lorikeet.store.StoredFile;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `/v1/files`: what is learned from, and what jobs have to say.
@Path("/v1/files")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Fine-tuning")
public final class FilesResource {
    private static final String FINE_TUNE = "fine-tune";
    private static final Set<String> PURPOSES = Set.of("assistants", "batch", FINE_TUNE, "vision", "user_data", "evals");
    private static final int MAX_PAGE = 10_000;
    private static final int MIN_LIFETIME = 3600;
    private static final int MAX_LIFETIME = 2_592_000;

    private final FileStore files;
    private final long maxUpload;
    private final Callers callers;

    FilesResource(FileStore files, LorikeetConfig config, Callers callers) {
        this.callers = callers;
        this.files = files;
        this.maxUpload = config.maxUpload();
    }

    @POST
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @RunOnVirtualThread
    @Operation(summary = "Uploads a file", description = "Form fields: `file`, `purpose`, and optionally `expires_after[anchor]` and "
            + "`expires_after[seconds]`. Rows to learn from (purpose `fine-tune`) are .jsonl, .json, .csv or .parquet.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.MULTIPART_FORM_DATA, schema = @Schema(type = SchemaType.OBJECT)))
    @APIResponse(responseCode = "200", content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = FileObject.class)))
    public FileObject upload(Upload upload) throws IOException {
        return FileObject.of(files.receive((folder, content) -> {
            var form = new UploadForm(folder, content, maxUpload);
            form.read(upload);
            String purpose = form.take("purpose").orElseThrow(() -> ApiException.invalid("purpose", "missing_required_parameter",
                    "Missing required parameter: 'purpose'."));
            if (!PURPOSES.contains(purpose)) {
                throw ApiException.invalid("purpose", "Invalid 'purpose': '" + purpose + "'; expected one of " + PURPOSES.stream().sorted().toList() + ".");
            }
            var lifetime = lifetime(form);
            form.finish();
            String filename = form.filename();
            if (purpose.equals(FINE_TUNE) && !StoredFile.ROWS.contains(StoredFile.extension(filename))) {
                throw ApiException.invalid("file", "Invalid file name '" + filename + "': rows to learn from are .jsonl, .json, .csv or .parquet.");
            }
            if (Files.size(content) == 0) {
                throw ApiException.invalid("file", "The file '" + filename + "' is empty.");
            }
            return new FileStore.Label(filename, purpose, lifetime, callers.owner());
        }));
    }

    private static Optional<Duration> lifetime(UploadForm form) {
        var anchor = form.take("expires_after[anchor]");
        var seconds = form.take("expires_after[seconds]");
        if (anchor.isPresent() && !anchor.get().equals("created_at") || anchor.isPresent() != seconds.isPresent()) {
            throw ApiException.invalid("expires_after", "Invalid 'expires_after': it needs the anchor 'created_at' and a number of seconds.");
        }
        return seconds.map(text -> {
            try {
                int number = Integer.parseInt(text);
                if (number >= MIN_LIFETIME && number <= MAX_LIFETIME) {
                    return Duration.ofSeconds(number);
                }
            } catch (NumberFormatException _) {
                // Said below.
            }
            throw ApiException.invalid("expires_after[seconds]", "Invalid 'expires_after[seconds]': '" + text + "'; expected an integer between "
                    + MIN_LIFETIME + " and " + MAX_LIFETIME + ".");
        });
    }

    @GET
    @RunOnVirtualThread
    @Operation(summary = "Lists files")
    public FileObject.Page list(@QueryParam("purpose") String purpose, @QueryParam("limit") String limit, @QueryParam("order") String order,
                                @QueryParam("after") String after) {
        if (order != null && !order.equals("asc") && !order.equals("desc")) {
            throw ApiException.invalid("order", "Invalid 'order': '" + order + "'; expected 'asc' or 'desc'.");
        }
        List<StoredFile> all = files.list().stream().filter(file -> callers.caller().sees(file.owner())).filter(file -> purpose == null || file.purpose().equals(purpose)).toList();
        var page = Paging.of("asc".equals(order) ? all : all.reversed(), StoredFile::id, after, Paging.limit(limit, MAX_PAGE, MAX_PAGE));
        List<FileObject> data = page.data().stream().map(FileObject::of).toList();
        return new FileObject.Page("list", data, data.isEmpty() ? null : data.getFirst().id(), data.isEmpty() ? null : data.getLast().id(), page.hasMore());
    }

    @GET
    @Path("{id}")
    @Operation(summary = "Describes a file")
    public FileObject get(@PathParam("id") String id) {
        return FileObject.of(find(id));
    }

    @GET
    @Path("{id}/content")
    @Produces(MediaType.WILDCARD)
    @RunOnVirtualThread
    @Operation(summary = "The bytes of a file")
    public Response content(@PathParam("id") String id) {
        var file = find(id);
        String type = switch (file.extension()) {
            case "csv" -> "text/csv; charset=utf-8";
            case "json" -> "application/json";
            case "jsonl" -> "application/jsonl; charset=utf-8";
            default -> MediaType.APPLICATION_OCTET_STREAM;
        };
        return Response.ok(files.content(file).toFile(), type).build();
    }

    @DELETE
    @Path("{id}")
    @RunOnVirtualThread
    @Operation(summary = "Deletes a file", description = "Jobs keep copies of their rows, so they are not disturbed.")
    public FileObject.Deleted delete(@PathParam("id") String id) {
        find(id);
        files.delete(id);
        return new FileObject.Deleted(id, "file", true);
    }

    private StoredFile find(String id) {
        return files.find(id).filter(file -> callers.caller().sees(file.owner())).orElseThrow(() -> new ApiException(
                new ApiError.Missing("No such File object: " + id, Optional.of("id"), Optional.empty())));
    }
}
