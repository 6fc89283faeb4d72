package dev.lorikeet.api;

import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.hub.HubUpload;
import dev.lorikeet.hub.Progress;
import dev.lorikeet.hub.Push;
import dev.lorikeet.hub.RepoRef;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
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
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `POST /v1/hub/push`: uploads what the server keeps, an adapter or a model, with the server's own token.
@Path("/v1/hub")
@Produces(MediaType.APPLICATION_JSON)
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
    public record Pushed(String object, String repo, String commit, String url, boolean changed) {}

    @POST
    @Path("push")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Uploads an adapter or a model to the Hugging Face Hub", description = "`folder` lies in the server's data folder or under a "
            + "model root. Answers when the commit is made; after a failure the same request goes on where it stopped.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = {"folder", "repo"}, examples = EXAMPLE)))
    public Pushed push(Fields fields) throws InterruptedException {
        String folder = fields.requireText("folder");
        String repo = fields.requireText("repo");
        boolean isPrivate = fields.flag("private", !config.pushPublic());
        String message = fields.text("message").filter(text -> !text.isBlank()).orElse(config.pushMessage());
        Optional<String> base = fields.text("base_model").or(config::pushBase);
        FieldPolicy.finish(fields);
        var push = new Push(folder(folder), repo(repo), isPrivate, message, base, Map.of());
        var pushed = upload.get().push(push, Progress.Listener.NONE);
        return new Pushed("hub.push", push.repo().toString(), pushed.commit(), pushed.url(), pushed.changed());
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
