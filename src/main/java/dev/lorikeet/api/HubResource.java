package dev.lorikeet.api;

import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.hub.HubUpload;
import dev.lorikeet.hub.Progress;
import dev.lorikeet.hub.Push;
import dev.lorikeet.hub.RepoRef;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `POST /v1/hub/push`: uploads what the server keeps, an adapter or a model, with the server's own token.
@Path("/v1/hub")
@Tag(name = "Hub")
public final class HubResource {
    private static final String EXAMPLE = "{\"folder\": \"adapters/law\", \"repo\": \"owner/law-lora\", \"private\": true}";

    private final LorikeetConfig config;
    private final Instance<HubUpload> upload;

    HubResource(LorikeetConfig config, Instance<HubUpload> upload) {
        this.config = config;
        this.upload = upload;
    }

    /// @param changed whether there was anything to commit
    public record Pushed(String object, String repo, String commit, String url, boolean changed) {
        static Pushed of(Push push, Push.Pushed pushed) {
            return new Pushed("hub.push", push.repo().toString(), pushed.commit(), pushed.url(), pushed.changed());
        }
    }

    @AdminOnly
    @POST
    @Path("push")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Uploads an adapter or a model to the Hugging Face Hub", description = "`folder` lies in the server's data folder or under a "
            + "model root. Answers when the commit is made; with `stream`, server-sent events tell how far it is. After a failure the same request goes "
            + "on where it stopped.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = {"folder", "repo"}, examples = EXAMPLE)))
    @APIResponse(responseCode = "200", content = {
            @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = Pushed.class)),
            @Content(mediaType = MediaType.SERVER_SENT_EVENTS, schema = @Schema(implementation = StreamedPush.Moving.class))})
    public Response push(Fields fields, @Context RoutingContext context) throws InterruptedException {
        String folder = fields.requireText("folder");
        String repo = fields.requireText("repo");
        boolean isPrivate = fields.flag("private", !config.pushPublic());
        String message = fields.text("message").filter(text -> !text.isBlank()).orElse(config.pushMessage());
        Optional<String> base = fields.text("base_model").or(config::pushBase);
        boolean stream = fields.flag("stream", false);
        FieldPolicy.finish(fields);
        var push = new Push(folder(folder), repo(repo), isPrivate, message, base, Map.of());
        if (stream) {
            return Response.ok(StreamedPush.begin(push, upload.get(), config, context), SseWriter.MEDIA_TYPE).build();
        }
        return Response.ok(Pushed.of(push, upload.get().push(push, Progress.Listener.NONE)), MediaType.APPLICATION_JSON_TYPE).build();
    }

    private static RepoRef repo(String name) {
        try {
            return RepoRef.model(name);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("repo", e.getMessage());
        }
    }

    /// Only what the server itself keeps, and only what is a model or an adapter: a request must not read other files through the hub.
    private java.nio.file.Path folder(String name) {
        var roots = Stream.concat(Stream.of(config.data()), config.modelRoot().orElse(List.of()).stream()).map(java.nio.file.Path::of).toList();
        return roots.stream().flatMap(root -> within(root, name).stream())
                .filter(folder -> Files.exists(folder.resolve("adapter_config.json")) || Files.exists(folder.resolve("config.json"))).findFirst()
                .orElseThrow(() -> ApiException.invalid("folder", "There is no folder '" + name + "' with an adapter_config.json or a config.json "
                        + "in the server's data folder or under a model root."));
    }

    private static Optional<java.nio.file.Path> within(java.nio.file.Path root, String name) {
        try {
            var real = root.toRealPath();
            var folder = real.resolve(name).toRealPath();
            return Files.isDirectory(folder) && folder.startsWith(real) && !folder.equals(real) ? Optional.of(folder) : Optional.empty();
        } catch (IOException | InvalidPathException _) {
            return Optional.empty();
        }
    }
}
